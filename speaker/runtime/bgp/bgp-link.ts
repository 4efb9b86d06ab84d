import type { BgpError } from "../../codec/bgp/error.ts";
import { type Frame, Framer } from "../../codec/bgp/framer.ts";
import { headerOctets } from "../../codec/bgp/header.ts";
import type { BgpMessage, UpdateMessage } from "../../codec/bgp/message.ts";
import { decodeMessage, encodeMessage } from "../../codec/bgp/message-codec.ts";
import { updateBrief } from "../../codec/bgp/message-text.ts";
import { inspectUpdate } from "../../codec/bgp/update.ts";
import type { UpdateContext } from "../../codec/bgp/update-context.ts";
import type { TcpConnection } from "../../native/ports.ts";
import type { BgpCounter } from "./bgp-counts.ts";
import type { MessageTrace } from "./message-trace.ts";

export type BgpLinkEvents = {
  /** An UPDATE comes without its routes: nobody keeps them. */
  readonly onMessage: (message: BgpMessage) => void;
  readonly onMalformed: (error: BgpError) => void;
  readonly onDrained: () => void;
  readonly onClosed: (reason: string) => void;
};

export type BgpLinkOptions = {
  readonly connection: TcpConnection;
  /** Of the session. */
  readonly number: number;
  readonly counter: BgpCounter;
  readonly trace: MessageTrace;
  /** Lets everything else of this thread run, then the callback. */
  readonly yieldThen: (run: () => void) => void;
  readonly events: BgpLinkEvents;
};

/** Messages handled before others get their turn: a peer may send a million routes. */
const FRAMES_AT_ONCE = 256;

const someUpdate: UpdateMessage = { type: "update", withdrawn: [], attributes: {}, nlri: [] };

/** Before the OPENs are exchanged no UPDATE is legal. */
const nothingAgreed: UpdateContext = { fourOctetAs: false, external: true, families: [] };

/** One connection as a stream of messages. The next octets are read only when those before them were handled. */
export class BgpLink {
  readonly #options: BgpLinkOptions;
  readonly #framer = new Framer();
  #context: UpdateContext = nothingAgreed;
  #over = false;

  constructor(options: BgpLinkOptions) {
    this.#options = options;
    const { connection, events } = options;
    connection.open({
      onOctets: (octets) => this.#take(octets),
      onDrained: () => events.onDrained(),
      onClosed: (reason) => {
        this.#over = true;
        events.onClosed(reason);
      },
    });
    connection.read();
  }

  /** What the OPENs settled. */
  agree(context: UpdateContext): void {
    this.#context = context;
  }

  /** @returns false when the peer does not read as fast: `onDrained` follows. */
  send(messages: readonly BgpMessage[]): boolean {
    const encoded = messages.map((message) => {
      const octets = encodeMessage(message, this.#context);
      this.#noteSent(message, octets.length);
      return octets;
    });
    return this.#options.connection.send(joined(encoded));
  }

  /** After what was sent; nothing is heard any more. */
  close(): void {
    this.#over = true;
    this.#options.connection.close();
  }

  /** At once, without a word. */
  abort(): void {
    this.#over = true;
    this.#options.connection.abort();
  }

  #noteSent(message: BgpMessage, octets: number): void {
    const { number: connection, counter, trace } = this.#options;
    const place = { connection, direction: "sent", octets } as const;
    counter.sent(message.type);
    if (message.type === "update") trace.noteUpdate(place, updateBrief(message));
    else trace.note(place, message);
  }

  #take(octets: Uint8Array): void {
    const { frames, error } = this.#framer.push(octets);
    this.#takeFrames(frames, 0, error);
  }

  #takeFrames(frames: readonly Frame[], from: number, error: BgpError | undefined): void {
    const { yieldThen, events, connection } = this.#options;
    const until = Math.min(frames.length, from + FRAMES_AT_ONCE);
    for (const frame of frames.slice(from, until)) {
      if (this.#over) return;
      this.#takeFrame(frame);
    }
    if (this.#over) return;
    if (until < frames.length) yieldThen(() => this.#takeFrames(frames, until, error));
    else if (error !== undefined) events.onMalformed(error);
    else connection.read();
  }

  #takeFrame({ type, octets }: Frame): void {
    const { number: connection, counter, trace, events } = this.#options;
    const place = { connection, direction: "received", octets: octets.length } as const;
    counter.received(type);
    const decoded =
      type === "update" ? inspectUpdate(octets.subarray(headerOctets), this.#context) : decodeMessage(octets, this.#context);
    if (!decoded.ok) {
      trace.noteFault(place, type, decoded.error.message);
      events.onMalformed(decoded.error);
    } else if (!("type" in decoded.value)) {
      trace.noteUpdate(place, decoded.value);
      events.onMessage(someUpdate);
    } else if (decoded.value.type !== "update") {
      trace.note(place, decoded.value);
      events.onMessage(decoded.value);
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
