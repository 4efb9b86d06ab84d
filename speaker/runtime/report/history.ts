/** The last events of a kind, in order, with the wall clock. */
export class History<T> {
  readonly #limit: number;
  readonly #entries: { readonly at: string; readonly event: T }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param now milliseconds since the epoch. */
  add(now: number, event: T): void {
    this.#entries.push({ at: new Date(now).toISOString(), event });
    if (this.#entries.length > 2 * this.#limit) this.#entries.splice(0, this.#entries.length - this.#limit);
  }

  /** Oldest first. */
  entries(): readonly { readonly at: string; readonly event: T }[] {
    return this.#entries.slice(-this.#limit);
  }
}
