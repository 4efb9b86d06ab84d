import { gapMemoryMs } from "./timing.ts";

/** The longest pause lately seen from one node. Two numbers, each over a span of time. */
export class GapMemory {
  #current = 0;
  #previous = 0;
  #since: number;

  constructor(lived: number) {
    this.#since = lived;
  }

  add(gapMs: number, lived: number): void {
    this.#turn(lived);
    if (gapMs > this.#current) this.#current = gapMs;
  }

  longest(lived: number): number {
    this.#turn(lived);
    return Math.max(this.#current, this.#previous);
  }

  #turn(lived: number): void {
    if (lived - this.#since < gapMemoryMs) return;
    this.#previous = lived - this.#since < 2 * gapMemoryMs ? this.#current : 0;
    this.#current = 0;
    this.#since = lived;
  }
}
