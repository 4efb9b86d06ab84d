/** Delays that double from `minMs` to `maxMs`, each shortened at random by up to half so that clients do not march in step. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** @param random 0 ≤ value < 1. */
  constructor(minMs: number, maxMs: number, random: () => number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Counts a failure; milliseconds to wait before the next attempt. */
  next(): number {
    const full = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return full * (1 - this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
