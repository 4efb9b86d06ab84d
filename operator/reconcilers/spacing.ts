import type { Clock } from "../framework/clock.ts";

/** The latest turn of one thing, past or to come, and how many changes asked for it. */
type Turn = { readonly at: number; readonly changes: number };

const never: Turn = { at: Number.NEGATIVE_INFINITY, changes: 0 };

/**
 * Lets the first of several changes of one thing through at once, and those that follow soon after only together: from one turn
 * to the next an interval passes, however many changes ask for it; two intervals after a turn for which a crowd of them asked.
 */
export class Spacing {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #crowd: number;
  readonly #turns = new Map<string, Turn>();

  /** @param crowd more changes than this for one turn are so many that the next one can wait. */
  constructor(clock: Clock, intervalMs: number, crowd = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#crowd = crowd;
  }

  /** How long a change of `key` is to wait, in ms. Whoever asks must come when it is due. */
  delay(key: string): number {
    const now = this.#clock.monotonic();
    const { at, changes } = this.#turns.get(key) ?? never;
    if (at > now) {
      this.#turns.set(key, { at, changes: changes + 1 });
      return at - now;
    }
    const due = Math.max(now, at + this.#intervalMs * (changes > this.#crowd ? 2 : 1));
    this.#turns.set(key, { at: due, changes: 1 });
    return due - now;
  }
}
