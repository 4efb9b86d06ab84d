import type { Clock } from "../framework/clock.ts";

/** Lets the first of several changes of one thing through at once, and those that follow soon after only together. */
export class Spacing {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #last = new Map<string, number>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** How long a change of `key` is to wait, in ms. */
  delay(key: string): number {
    const now = this.#clock.monotonic();
    const due = Math.max(now, (this.#last.get(key) ?? Number.NEGATIVE_INFINITY) + this.#intervalMs);
    if (due === now) this.#last.set(key, now);
    return due - now;
  }
}
