import type { Word } from "../codec/membership-message.ts";
import { GapMemory } from "./gap-memory.ts";
import { gapFactor, type Timing, wordFreshMs } from "./timing.ts";

/** What another node last said of the watched one. */
type Testimony = { readonly askedAt: number; saidAt: number | undefined; stance: Word["stance"] };

/** How long a node that knows nothing of the watched one must have probed it before its silence counts. */
const strangerProbesMs = 100;

/** What another heard counts when it is later by so much: else it may be the same packet, on a longer way. */
const sameBeatMs = 50;

/** The case of one watched node: when it was heard, and what others say of it. Times are of this node's own life. */
export class Watch {
  readonly #timing: Timing;
  readonly #gaps: GapMemory;
  readonly #testimonies = new Map<string, Testimony>();
  #heardAt: number;
  /** False until the node was heard in this watch: the time before is no pause of its. */
  #known = false;
  nextProbeAt = 0;
  /** Nodes beside the other watchers that are asked. */
  helpers: readonly string[] = [];
  /** The other watchers were told that the limit has passed. */
  suspecting = false;

  constructor(timing: Timing, lived: number) {
    this.#timing = timing;
    this.#gaps = new GapMemory(lived);
    this.#heardAt = lived;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  /** As {@link heardAt}; undefined where that is only the beginning of the silence, which no sign of life was. */
  get knownAt(): number | undefined {
    return this.#known ? this.#heardAt : undefined;
  }

  /** A sign of life at that time. */
  heard(at: number, lived: number): void {
    if (at <= this.#heardAt) return;
    if (this.#known) this.#gaps.add(at - this.#heardAt, lived);
    this.#known = true;
    this.#heardAt = at;
    this.suspecting = false;
    this.#testimonies.clear();
  }

  /** Another heard the node at that time. */
  heardBy(at: number, lived: number): void {
    if (at - this.#heardAt > sameBeatMs) this.heard(at, lived);
  }

  /** Starts the silence anew, as after a time in which this node could hear nobody. */
  excuse(lived: number): void {
    this.#known = false;
    this.#heardAt = lived;
    this.suspecting = false;
    this.#testimonies.clear();
  }

  /** The pause that ends with the next sign of life was none of the node's. */
  pardon(): void {
    this.#known = false;
  }

  silentMs(lived: number): number {
    return lived - this.#heardAt;
  }

  isLate(lived: number): boolean {
    return this.silentMs(lived) >= this.#timing.lateMs;
  }

  /** Silence after which the node may be declared dead: longer for one that paused for long and lived. */
  limitMs(lived: number): number {
    const { deathMs, maxDeathMs } = this.#timing;
    return Math.min(maxDeathMs, Math.max(deathMs, gapFactor * this.#gaps.longest(lived)));
  }

  asked(name: string, lived: number): void {
    if (!this.#testimonies.has(name)) this.#testimonies.set(name, { askedAt: lived, saidAt: undefined, stance: "stranger" });
  }

  /** Word of a node that was asked, or that suspects by itself. */
  said(name: string, stance: Word["stance"], lived: number): void {
    this.asked(name, lived);
    const testimony = this.#testimonies.get(name);
    if (testimony === undefined) return;
    testimony.saidAt = lived;
    testimony.stance = stance;
  }

  /** True for a node that was asked some time ago and did not say anything lately. */
  isSpeechless(name: string, lived: number): boolean {
    const testimony = this.#testimonies.get(name);
    return testimony !== undefined && lived - testimony.askedAt >= strangerProbesMs && !isFresh(testimony, lived);
  }

  /**
   * Whether another bears witness that the node is silent. Of those who watch it, one must suspect it, too; where none of
   * them answers, a node will do that has probed it in vain.
   */
  hasWitness(lived: number): boolean {
    const fresh = [...this.#testimonies.values()].filter((testimony) => isFresh(testimony, lived));
    if (fresh.some(({ stance }) => stance === "suspects")) return true;
    if (fresh.some(({ stance }) => stance === "waits")) return false;
    return fresh.some(({ askedAt }) => lived - askedAt >= strangerProbesMs);
  }

  /** When there is something to do next. */
  nextAt(lived: number): number {
    const late = this.#heardAt + this.#timing.lateMs;
    if (lived < late) return late;
    const limit = this.#heardAt + this.limitMs(lived);
    return this.suspecting || limit <= lived ? this.nextProbeAt : Math.min(this.nextProbeAt, limit);
  }
}

function isFresh({ saidAt }: Testimony, lived: number): boolean {
  return saidAt !== undefined && lived - saidAt <= wordFreshMs;
}
