import type { Clock } from "./clock.ts";

type Entry<T> = { readonly value: T; readonly until: number };

/** Remembers answers for as long as each is good; whoever asks for the same at the same time shares one question. */
export class ExpiringCache<T> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #asking = new Map<string, Promise<T>>();

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  /** The remembered value, or what `ask` answers together with the milliseconds it is good for. Failures are not kept. */
  get(key: string, ask: () => Promise<{ readonly value: T; readonly ms: number }>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && this.#clock.monotonic() < known.until) return Promise.resolve(known.value);
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const answer = ask()
      .then(({ value, ms }) => {
        this.#keep(key, { value, until: this.#clock.monotonic() + ms });
        return value;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, answer);
    return answer;
  }

  #keep(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#maxEntries && oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
