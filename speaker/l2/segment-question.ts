import { equalOctets } from "../codec/octets.ts";
import type { NeighbourWord } from "./neighbour-question.ts";

/** What is asked of the segments. Addresses are in network order. */
export type SegmentQuestionOptions = {
  readonly number: number;
  /** Anybody who should be there. */
  readonly neighbours: readonly Uint8Array[];
  /** Addresses that some of the silent nodes may announce. */
  readonly samples: readonly Uint8Array[];
  /** The hardware addresses of the silent nodes. */
  readonly macs: readonly { readonly node: string; readonly mac: Uint8Array }[];
};

export type SegmentAnswer = {
  /** Somebody on the segment answered: this node is not cut off. */
  readonly answered: boolean;
  /** Silent nodes that answered for a sample: their speakers live. */
  readonly seen: readonly string[];
};

/** So long all answers are waited for: a host that is there answers within a few milliseconds. */
const collectMs = 40;
/** When nobody has answered by then, nobody will. */
const patienceMs = 150;

/** One question to everybody who should be there. A neighbour's answer tells that the segment is; a sample's, whose speaker lives. */
export class SegmentQuestion {
  readonly #options: SegmentQuestionOptions;
  readonly #askedAt: number;
  readonly #seen = new Set<string>();
  #answered = false;

  /** @param now milliseconds of a monotonic clock, as for {@link answerAt}. */
  constructor(options: SegmentQuestionOptions, now: number) {
    this.#options = options;
    this.#askedAt = now;
  }

  get number(): number {
    return this.#options.number;
  }

  hear({ ip, mac }: NeighbourWord): void {
    const { neighbours, samples, macs } = this.#options;
    if (neighbours.some((neighbour) => equalOctets(neighbour, ip))) this.#answered = true;
    if (!samples.some((sample) => equalOctets(sample, ip))) return;
    for (const known of macs) if (equalOctets(known.mac, mac)) this.#seen.add(known.node);
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
