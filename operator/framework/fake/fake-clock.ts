import type { Cancel, Clock } from "../clock.ts";

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #monotonic = 0;
  #wallOffset: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param wall wall clock at the start, milliseconds since the epoch. */
  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wallOffset = wall;
  }

  now(): number {
    return this.#wallOffset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): Cancel {
    // Whole milliseconds, as real timers have: a rest of 10^-12 would add up to nothing, for ever.
    const timer: Timer = { at: this.#monotonic + Math.max(0, Math.ceil(ms)), order: this.#order++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, undefined when none waits. */
  get nextIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#monotonic;
  }

  /** Moves the wall clock alone, as a time correction does. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** Moves time by `ms` and fires what is due, in order; promises that those timers settle do not run in between. */
  tick(ms: number): void {
    const end = this.#monotonic + ms;
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) this.#fire(timer);
    this.#monotonic = end;
  }

  /** Like {@link tick}, and lets all promises settle before the first, between and after the timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) {
      this.#fire(timer);
      await settle();
    }
    this.#monotonic = end;
    await settle();
  }

  /** Time passes, and no timer fires: as when the whole process stands still. */
  stall(ms: number): void {
    this.#monotonic += ms;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#monotonic = Math.max(this.#monotonic, timer.at);
    timer.run();
  }
}

/** Lets promise chains and setImmediate callbacks that need no time run to their end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
