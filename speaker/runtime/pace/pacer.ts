import { type CpuBudget, depthMs, openBudget, resume, spend } from "./cpu-budget.ts";
import type { CpuLimit } from "./cpu-limit.ts";

export type PacerOptions = {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** CPU time of all threads of the process, in milliseconds. */
  readonly usedMs: () => number;
  /** Nothing of the calling thread runs meanwhile. */
  readonly rest: (ms: number) => void;
  /** The thread rested. */
  readonly onRested: (ms: number) => void;
};

/** The budget is looked at no more often than this. */
const LOOK_EVERY_MS = 0.5;
/** A slice of work is at most such a part of what may be used at once. */
const SLICES_IN_DEPTH = 4;

/** Lets its thread rest between pieces of work, so that a limit of CPU leaves something for the threads that must not wait. */
export class Pacer {
  readonly #options: PacerOptions;
  #budget: CpuBudget | undefined;
  #lookAt = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** @param limit undefined: none, and {@link Pacer.pace} does nothing from now on. */
  follow(limit: CpuLimit | undefined): void {
    const { now, usedMs } = this.#options;
    this.#budget = limit && openBudget(limit, { nowMs: now(), usedMs: usedMs() });
  }

  get limited(): boolean {
    return this.#budget !== undefined;
  }

  /** How long to work at most between two calls of {@link Pacer.pace}, where `usual` milliseconds would do without a limit. */
  sliceMs(usual: number): number {
    return this.#budget === undefined ? usual : Math.min(usual, depthMs(this.#budget.limit) / SLICES_IN_DEPTH);
  }

  /** To be called between any two pieces of work, as often as one likes. Blocks the thread, for tens of milliseconds at most. */
  pace(): void {
    if (this.#budget === undefined) return;
    const { now, usedMs, rest, onRested } = this.#options;
    const nowMs = now();
    if (nowMs < this.#lookAt) return;
    this.#lookAt = nowMs + LOOK_EVERY_MS;
    const { budget, restMs } = spend(this.#budget, { nowMs, usedMs: usedMs() });
    this.#budget = budget;
    if (restMs === 0) return;
    rest(restMs);
    const restedAt = now();
    this.#budget = resume(budget, { nowMs: restedAt, usedMs: usedMs() });
    onRested(restedAt - nowMs);
  }
}
