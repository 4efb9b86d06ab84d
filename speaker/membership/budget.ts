/** Allows so many at once, and so many a second on average. */
export class Budget {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(burst: number, perSecond: number, lived: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = lived;
  }

  /** @returns false when it is used up. */
  take(lived: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((lived - this.#at) * this.#perSecond) / 1000);
    this.#at = lived;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
