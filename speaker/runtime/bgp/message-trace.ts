import type { BgpMessage, UpdateMessage } from "../../codec/bgp/message.ts";
import { messageText, type UpdateBrief, updateText } from "../../codec/bgp/message-text.ts";

/** One message of a session, for people. Plain data. */
export type TracedMessage = {
  /** Wall clock, milliseconds since the epoch. */
  readonly atMs: number;
  /** The session's connections are numbered from 1 in the order in which they were made. */
  readonly connection: number;
  readonly direction: "sent" | "received";
  readonly type: BgpMessage["type"];
  /** With the header. */
  readonly octets: number;
  /** Empty for a KEEPALIVE. */
  readonly text: string;
};

/** What is noted of a message; texts of UPDATEs, of which there may be many, are made when somebody asks. */
type Note = Omit<TracedMessage, "text"> & { readonly said: string | UpdateBrief };

type Numbered = Note & { readonly number: number };

type Place = Pick<Note, "connection" | "direction" | "octets">;

/** The last messages of one session. What is kept is small and does not grow: no message is held itself. */
export class MessageTrace {
  /** Messages that are kept: of those by which sessions begin and end, and of the rest. */
  static readonly kept = { turningPoints: 32, others: 64 } as const;
  readonly #now: () => number;
  readonly #turningPoints: Numbered[] = [];
  readonly #others: Numbered[] = [];
  #count = 0;

  /** @param now wall clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(place: Place, message: Exclude<BgpMessage, UpdateMessage>): void {
    const { type } = message;
    this.#add(place, type, messageText(message), type === "keepalive" ? "others" : "turningPoints");
  }

  noteUpdate(place: Place, said: UpdateBrief): void {
    this.#add(place, "update", said, "others");
  }

  /** A message that was refused. @param problem why. */
  noteFault(place: Place, type: BgpMessage["type"], problem: string): void {
    this.#add(place, type, `malformed: ${problem}`, "turningPoints");
  }

  /** Oldest first. */
  messages(): readonly TracedMessage[] {
    const all = [...this.#turningPoints, ...this.#others].sort((a, b) => a.number - b.number);
    return all.map(({ number: _, said, ...rest }) => ({ ...rest, text: typeof said === "string" ? said : updateText(said) }));
  }

  #add(place: Place, type: BgpMessage["type"], said: Note["said"], kind: keyof typeof MessageTrace.kept): void {
    const notes = kind === "others" ? this.#others : this.#turningPoints;
    if (notes.length === MessageTrace.kept[kind]) notes.shift();
    notes.push({ ...place, atMs: this.#now(), type, said, number: this.#count });
    this.#count += 1;
  }
}
