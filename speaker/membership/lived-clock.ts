/**
 * The longest step that counts in full; the shell calls at least this often unless it is held up. With the time from beat to beat
 * it comes to less than the silence after which a node may be dead.
 */
export const maxStepMs = 116;

/** Timers are a little late without anybody being held up. */
const lateMs = 10;

/**
 * Milliseconds that this process has really lived through. When it was held up the time in between does not count:
 * whatever arrived meanwhile waits unread, so nobody may be accused of silence for it.
 */
export class LivedClock {
  #lived = 0;
  #at: number;

  /** @param now milliseconds of a monotonic clock. */
  constructor(now: number) {
    this.#at = now;
  }

  get lived(): number {
    return this.#lived;
  }

  /**
   * @param dueAt when the next step was to come at the latest: what came later than that by more than {@link lateMs} was held up.
   * @returns the milliseconds that did not count. A clock that goes back stands still.
   */
  advance(now: number, dueAt = Number.POSITIVE_INFINITY): number {
    const step = Number.isFinite(now) ? Math.max(0, now - this.#at) : 0;
    const counted = Math.min(step, maxStepMs, Math.max(0, dueAt - this.#at) + lateMs);
    this.#at += step;
    this.#lived += counted;
    return step - counted;
  }

  /** When, on the clock of {@link advance}, `lived` will have come if nothing holds us up. */
  nowAt(lived: number): number {
    return this.#at + Math.max(0, lived - this.#lived);
  }
}
