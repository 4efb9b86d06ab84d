import type { Sighting } from "../../l2/conflict/sighting.ts";

/** Longer than it takes to decide on thousands of Services, and short for a machine that claims what is another's. */
const holdMs = 1000;

/**
 * Claims that were seen while this node decides anew. Nearly always the other node has decided already, and so will this one: to ask it
 * about thousands of addresses would keep both from it. Times are milliseconds of one monotonic clock.
 */
export class HeldSightings {
  #held: Sighting[] = [];
  #until = Number.POSITIVE_INFINITY;

  add(sightings: readonly Sighting[], now: number): void {
    if (this.#held.length === 0) this.#until = now + holdMs;
    this.#held.push(...sightings);
  }

  /** @returns all, once; it is over. */
  take(): readonly Sighting[] {
    const held = this.#held;
    this.#held = [];
    this.#until = Number.POSITIVE_INFINITY;
    return held;
  }

  /** The claims are waited with no longer, whatever is still to be decided. */
  isDue(now: number): boolean {
    return this.#until <= now;
  }

  /** Undefined: nothing is held. */
  nextAt(): number | undefined {
    return this.#until === Number.POSITIVE_INFINITY ? undefined : this.#until;
  }
}
