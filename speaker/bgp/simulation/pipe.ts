import type { BgpMessage } from "../../codec/bgp/message.ts";
import type { Agenda } from "../../membership/simulation/agenda.ts";
import type { Chance } from "../../membership/simulation/chance.ts";

/** What one end of a connection hears. */
export type PipeEnd = {
  readonly received: (message: BgpMessage) => void;
  readonly closed: (reason: string) => void;
};

/** Virtual milliseconds in which whatever is sent arrives. */
const slowestMs = 20;

/** One TCP connection: messages arrive late, in their order, or never again. */
export class Pipe {
  readonly #agenda: Agenda;
  readonly #chance: Chance;
  readonly #ends: readonly [PipeEnd, PipeEnd];
  /** When the last thing sent from each end arrives. */
  readonly #arrivals: [number, number];
  readonly #closed: [boolean, boolean] = [false, false];
  /** Nothing gets through any more, and nobody is told. */
  silent = false;

  /** @param openAt when the first end may hear something, as it knows of the connection. */
  constructor(agenda: Agenda, chance: Chance, ends: readonly [PipeEnd, PipeEnd], openAt: number) {
    this.#agenda = agenda;
    this.#chance = chance;
    this.#ends = ends;
    this.#arrivals = [openAt, openAt];
  }

  send(from: 0 | 1, message: BgpMessage): void {
    if (!this.#closed[from]) this.#carry(from, (end) => end.received(message));
  }

  /** This end hears nothing more; the other one after all that was sent. */
  close(from: 0 | 1): void {
    if (this.#closed[from]) return;
    this.#closed[from] = true;
    this.#carry(from, (end) => end.closed("closed by the peer"));
  }

  /** Both ends are told that the connection broke. */
  break(): void {
    for (const side of [0, 1] as const) {
      if (this.#closed[side]) continue;
      this.#closed[side] = true;
      this.#ends[side].closed("connection reset");
    }
  }

  #carry(from: 0 | 1, arrive: (end: PipeEnd) => void): void {
    const to = from === 0 ? 1 : 0;
    const at = Math.max(this.#arrivals[from], this.#agenda.now + 1 + this.#chance.below(slowestMs));
    this.#arrivals[from] = at;
    this.#agenda.at(at, () => {
      if (!this.silent && !this.#closed[to]) arrive(this.#ends[to]);
    });
  }
}
