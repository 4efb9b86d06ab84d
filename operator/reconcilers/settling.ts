import type { Clock } from "../framework/clock.ts";

/** Tells states that last from those that pass. */
export class Settling<State> {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly state: State; readonly since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The key is in this state now. @returns milliseconds for which it has been without a break. */
  lasting(key: string, state: State): number {
    const now = this.#clock.monotonic();
    const known = this.#seen.get(key);
    if (known !== undefined && known.state === state) return now - known.since;
    this.#seen.set(key, { state, since: now });
    return 0;
  }

  /** Its time begins anew. */
  forget(key: string): void {
    this.#seen.delete(key);
  }

  clear(): void {
    this.#seen.clear();
  }
}
