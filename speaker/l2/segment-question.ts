import { equalOctets } from "../codec/octets.ts";
import type { NeighbourWord } from "./neighbour-question.ts";

/** An address that a silent node was last known to announce, and the hardware addresses that are that node's. */
export type Sample = { readonly node: string; readonly ip: Uint8Array; readonly macs: readonly Uint8Array[] };

export type SegmentAnswer = {
  /** Somebody on the segment answered: this node is not cut off. */
  readonly answered: boolean;
  /** Silent nodes that answered for an address with a MAC of theirs: their speakers live. */
  readonly seen: readonly string[];
};

/** So long all answers are waited for: a host that is there answers within a few milliseconds. */
const collectMs = 40;
/** When nobody has answered by then, nobody will. */
const patienceMs = 150;

/** One question to everybody who should be there. A neighbour's answer tells that the segment is; a sample's, whose speaker lives. */
export class SegmentQuestion {
  readonly number: number;
  readonly #neighbours: readonly Uint8Array[];
  readonly #samples: readonly Sample[];
  readonly #askedAt: number;
  readonly #seen = new Set<string>();
  #answered = false;

  /** @param now milliseconds of a monotonic clock, as for {@link answerAt}. */
  constructor(number: number, neighbours: readonly Uint8Array[], samples: readonly Sample[], now: number) {
    this.number = number;
    this.#neighbours = neighbours;
    this.#samples = samples;
    this.#askedAt = now;
  }

  hear({ ip, mac }: NeighbourWord): void {
    if (this.#neighbours.some((neighbour) => equalOctets(neighbour, ip))) this.#answered = true;
    for (const sample of this.#samples) {
      if (equalOctets(sample.ip, ip) && sample.macs.some((own) => equalOctets(own, mac))) this.#seen.add(sample.node);
    }
  }

  /** Undefined: ask again at {@link nextAt}. */
  answerAt(now: number): SegmentAnswer | undefined {
    const waitedMs = now - this.#askedAt;
    const heard = this.#answered || this.#seen.size > 0;
    if (waitedMs < (heard ? collectMs : patienceMs)) return undefined;
    return { answered: this.#answered, seen: [...this.#seen] };
  }

  nextAt(now: number): number {
    return now < this.#askedAt + collectMs ? this.#askedAt + collectMs : now + 10;
  }
}
