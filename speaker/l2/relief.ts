/** Addresses are answered for after so long whether they were announced or not: thousands are announced one by one. */
const reliefMs = 1_500;

/**
 * Addresses that this node takes from one that lives, which answers for them until it hears them announced: answered for here from then
 * on, so that two nodes do not answer while a thousand announcements leave. Times are milliseconds of one monotonic clock.
 */
export class Relief {
  /** By when each is answered for at the latest. */
  readonly #waiting = new Map<string, number>();

  /** The address, a canonical text, is answered for elsewhere. */
  begin(text: string, now: number): void {
    this.#waiting.set(text, now + reliefMs);
  }

  /** It was announced, or is not this node's any more. */
  end(text: string): void {
    if (this.#waiting.size > 0) this.#waiting.delete(text);
  }

  /** Whether another node is still to answer. */
  has(text: string, now: number): boolean {
    if (this.#waiting.size === 0) return false;
    const until = this.#waiting.get(text);
    if (until === undefined) return false;
    if (now >= until) this.#waiting.delete(text);
    return now < until;
  }
}
