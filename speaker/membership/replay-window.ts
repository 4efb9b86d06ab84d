const windowBits = 1024;
const words = windowBits / 32;

/**
 * Tells counters that were seen from new ones. Counters may arrive out of order by up to 992; older ones count as seen.
 * As RFC 6479 describes it: a ring of bits that is cleared as the highest counter moves on.
 */
export class ReplayWindow {
  readonly #bits = new Uint32Array(words);
  #highest = 0;

  /** @returns false when the counter was seen, or is too old to tell. */
  accept(counter: number): boolean {
    if (!Number.isSafeInteger(counter) || counter <= 0) return false;
    const block = Math.floor(counter / 32);
    const highestBlock = Math.floor(this.#highest / 32);
    if (block <= highestBlock - words + 1 && counter <= this.#highest) return false;
    if (counter > this.#highest) {
      const steps = Math.min(block - highestBlock, words);
      for (let step = 1; step <= steps; step += 1) this.#bits[(highestBlock + step) % words] = 0;
      this.#highest = counter;
    }
    const slot = block % words;
    const bit = 2 ** (counter % 32);
    const word = this.#bits[slot] ?? 0;
    if (Math.floor(word / bit) % 2 === 1) return false;
    this.#bits[slot] = word + bit;
    return true;
  }
}
