import type { Cancel, Clock } from "../../framework/clock.ts";
import type { Busyness } from "./busyness.ts";

export type PostponedOptions = {
  readonly busy: Busyness;
  readonly clock: Clock;
  /** It is time for this one. */
  readonly onDue: (key: string) => void;
};

const lookMs = 250;
/** Of those that have waited long enough, so many go at each look while the rush goes on: they take no great part in it. */
const overdueAtOnce = 5;

/**
 * Work that can wait while there is better to do, each for a time of its own and then for its turn. However much of it there
 * is, one timer looks whether the rush is over.
 */
export class Postponed {
  readonly #options: PostponedOptions;
  /** Monotonic times until which they wait, the first to be put off first. */
  readonly #until = new Map<string, number>();
  #look: Cancel | undefined;

  constructor(options: PostponedOptions) {
    this.#options = options;
  }

  /** Puts `key` off until nobody is busy, or for so many milliseconds and until its turn among others that waited as long. */
  add(key: string, patienceMs: number): void {
    this.#until.set(key, this.#options.clock.monotonic() + patienceMs);
    this.#plan();
  }

  clear(): void {
    this.#look?.();
    this.#look = undefined;
    this.#until.clear();
  }

  #plan(): void {
    this.#look ??= this.#options.clock.after(lookMs, () => {
      this.#look = undefined;
      this.#release();
      if (this.#until.size > 0) this.#plan();
    });
  }

  #release(): void {
    const { busy, clock, onDue } = this.#options;
    const now = clock.monotonic();
    const isOver = !busy();
    let overdue = 0;
    for (const [key, until] of this.#until) {
      if (!isOver && (until > now || overdue++ >= overdueAtOnce)) return;
      this.#until.delete(key);
      onDue(key);
    }
  }
}
