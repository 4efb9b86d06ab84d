/** A seeded source of choices: the same seed makes the same choices, on every machine. */
export class Dice {
  #state: number;

  /** @param seed any text; texts that differ in one character lead to unrelated choices. */
  constructor(seed: string) {
    this.#state = hash(seed);
  }

  /** A whole number, `first` ≤ n ≤ `last`. */
  int(first: number, last: number): number {
    return first + Math.floor(this.#next() * (last - first + 1));
  }

  /** True once in `1 / probability` times. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** @throws {RangeError} when there is nothing to choose from. */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[this.int(0, from.length - 1)] as T;
  }

  /** One of the values, each as often as its weight says. @throws {RangeError} when the weights sum to nothing. */
  weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#next() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of from) {
      left -= weight;
      if (left < 0) return value;
    }
    throw new RangeError("nothing to pick from");
  }

  /** `least` to `most` different elements, in random order; fewer when there are fewer. */
  some<T>(from: readonly T[], least: number, most: number): readonly T[] {
    const left = [...from];
    const wanted = this.int(least, most);
    const chosen: T[] = [];
    while (chosen.length < wanted && left.length > 0) chosen.push(...left.splice(this.int(0, left.length - 1), 1));
    return chosen;
  }

  /** The value with the given probability, else an empty object: for optional fields. */
  maybe<T extends object>(probability: number, make: () => T): T | Record<string, never> {
    return this.chance(probability) ? make() : {};
  }

  /** Mulberry32: 32 bits of state, 0 ≤ n < 1. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** FNV-1a over UTF-16 units, then one round of mixing. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
