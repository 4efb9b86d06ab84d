/** For how long a nonce is asked with; an answer to it counts for at most twice this time more. */
const nonceMs = 1000;

/** From one challenge of a stranger to the next of the same name. */
const strangerMs = 20;

/** Names of strangers that were challenged lately. */
const maxStrangers = 1024;

/**
 * Fresh nonces. One serves all questions of its time: an answer is sealed by the one who gives it, so it cannot be another's,
 * and it cannot be older than the nonce.
 */
export class Challenge {
  readonly #random: () => string;
  readonly #strangers = new Map<string, number>();
  #current: string;
  #previous: string | undefined;
  #since: number;

  /** @param random 32 hexadecimal digits that nobody can guess. */
  constructor(random: () => string, lived: number) {
    this.#random = random;
    this.#current = random();
    this.#since = lived;
  }

  nonce(lived: number): string {
    this.#turn(lived);
    return this.#current;
  }

  /** True when the nonce was asked with lately. */
  matches(nonce: string, lived: number): boolean {
    this.#turn(lived);
    return nonce === this.#current || nonce === this.#previous;
  }

  /** True when a stranger of that name should be challenged now: a flood of its old packets makes no flood of ours. */
  mayAskStranger(name: string, lived: number): boolean {
    const last = this.#strangers.get(name);
    if (last !== undefined && lived - last < strangerMs) return false;
    this.#strangers.delete(name);
    if (this.#strangers.size >= maxStrangers) {
      const [oldest] = this.#strangers.keys();
      if (oldest !== undefined) this.#strangers.delete(oldest);
    }
    this.#strangers.set(name, lived);
    return true;
  }

  #turn(lived: number): void {
    if (lived - this.#since < nonceMs) return;
    this.#previous = lived - this.#since < 2 * nonceMs ? this.#current : undefined;
    this.#current = this.#random();
    this.#since = lived;
  }
}
