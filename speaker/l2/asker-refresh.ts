import type { AnnouncedAddress } from "./announcement-table.ts";
import type { UnicastFrame, Urgency } from "./burst-queue.ts";
import type { RecentAskers } from "./recent-askers.ts";

/**
 * Whoever asked within this time is told again; four hours, since there are routers that believe an answer for so long
 * without asking again.
 */
export const askedLatelyMs = 4 * 3_600_000;

/** All hosts are told again at most once in this time, however often members and configuration change. */
export const restBetweenMs = 60_000;

/** Places of the memory that are looked at in one step. */
const placesInStep = 1_024;

/** Finds the address that still is announced on the link by its octets. */
export type FindOnLink = (target: Uint8Array) => AnnouncedAddress | undefined;

/** `texts` undefined: every address. Hosts that asked after `startedAt` have been answered since. */
type Pass = { place: number; readonly texts: ReadonlySet<string> | undefined; readonly startedAt: number };

/**
 * Goes through the hosts that asked on one link, in steps, and gives one frame for each that asked for an address which is to be
 * told again. Times are milliseconds of one monotonic clock.
 */
export class AskerRefresh {
  readonly #askers: RecentAskers;
  readonly #linkIndex: number;
  readonly #find: FindOnLink;
  #wanted = new Set<string>();
  #wantsAll = false;
  #allStartedAt = Number.NEGATIVE_INFINITY;
  readonly #passes: { [urgency in Urgency]: Pass | undefined } = { fresh: undefined, again: undefined };
  #placesLeft = 0;

  constructor(askers: RecentAskers, linkIndex: number, find: FindOnLink) {
    this.#askers = askers;
    this.#linkIndex = linkIndex;
    this.#find = find;
  }

  /** Those who asked for this address are told as soon as may be: it has come back to this node. */
  want(text: string): void {
    this.#wanted.add(text);
  }

  /** Those who asked for any address are told, at the latest when {@link restBetweenMs} are over. */
  wantAll(): void {
    this.#wantsAll = true;
  }

  /** Begins a step, in which {@link next} looks at a limited number of hosts. */
  step(now: number): void {
    this.#placesLeft = placesInStep;
    if (this.#passes.fresh === undefined && this.#wanted.size > 0) {
      this.#passes.fresh = { place: 0, texts: this.#wanted, startedAt: now };
      this.#wanted = new Set();
    }
    if (this.#passes.again === undefined && this.#wantsAll && now >= this.#allStartedAt + restBetweenMs) {
      this.#passes.again = { place: 0, texts: undefined, startedAt: now };
      this.#allStartedAt = now;
      this.#wantsAll = false;
    }
  }

  /**
   * The next frame of this step; undefined: none, or none before another step.
   * @param urgency fresh: for {@link want}; again: for {@link wantAll}.
   */
  next(urgency: Urgency): UnicastFrame | undefined {
    const pass = this.#passes[urgency];
    if (pass === undefined) return undefined;
    while (pass.place < this.#askers.size && this.#placesLeft > 0) {
      this.#placesLeft -= 1;
      pass.place += 1;
      const pair = this.#askers.pairAt(pass.place, this.#linkIndex, pass.startedAt - askedLatelyMs, pass.startedAt);
      const text = pair && this.#find(pair.target)?.text;
      if (pair === undefined || text === undefined || pass.texts?.has(text) === false) continue;
      return { text, part: "unicast", asker: pair.asker };
    }
    if (pass.place >= this.#askers.size) this.#passes[urgency] = undefined;
    return undefined;
  }

  /** When a step is due: `soon` while one could give frames now; undefined when nothing is wanted. */
  nextAt(soon: number): number | undefined {
    if (this.#passes.fresh !== undefined || this.#passes.again !== undefined || this.#wanted.size > 0) return soon;
    return this.#wantsAll ? Math.max(soon, this.#allStartedAt + restBetweenMs) : undefined;
  }
}
