import type { Clock } from "../clock.ts";

type Bucket = { readonly tokens: number; readonly at: number };

/** A token bucket for each name; at most `maxNames` are remembered, the longest unused is forgotten first. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #maxNames: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param refillMs time for one token. */
  constructor(clock: Clock, burst: number, refillMs: number, maxNames: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#refillMs = refillMs;
    this.#maxNames = maxNames;
  }

  /** Takes a token; false when there is none. */
  take(name: string): boolean {
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(name) ?? { tokens: this.#burst, at: now };
    const tokens = Math.min(this.#burst, known.tokens + (now - known.at) / this.#refillMs);
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > this.#maxNames && oldest.done !== true) this.#buckets.delete(oldest.value);
    return tokens >= 1;
  }
}
