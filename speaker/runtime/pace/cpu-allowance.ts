import { type CpuBudget, depthMs, openBudget, resume, spend } from "./cpu-budget.ts";
import type { CpuLimit } from "./cpu-limit.ts";

export type CpuAllowanceOptions = {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** CPU time of all threads of the process, in milliseconds. */
  readonly usedMs: () => number;
  /** How long it rests at a stretch while other threads use what there is; absent: it goes on after one rest. */
  readonly patienceMs?: number;
  /** The thread rested. */
  readonly onRested: (ms: number) => void;
};

/** The budget is looked at no more often than this. */
const LOOK_EVERY_MS = 0.5;
/** A slice of work is at most such a part of what may be used at once. */
const SLICES_IN_DEPTH = 4;

/** What one thread may use of the CPU time that a limit leaves the process. Each thread that paces itself has one. */
export class CpuAllowance {
  readonly #options: CpuAllowanceOptions;
  #budget: CpuBudget | undefined;
  #lookAt = 0;
  #restsFrom = 0;

  constructor(options: CpuAllowanceOptions) {
    this.#options = options;
  }

  /** @param limit undefined: none, and {@link dueRest} is 0 from now on. */
  follow(limit: CpuLimit | undefined): void {
    const { now, usedMs } = this.#options;
    this.#budget = limit && openBudget(limit, { nowMs: now(), usedMs: usedMs() });
  }

  get limited(): boolean {
    return this.#budget !== undefined;
  }

  /** How long to work at most between two looks at {@link dueRest}, where `usual` milliseconds would do without a limit. */
  sliceMs(usual: number): number {
    return this.#budget === undefined ? usual : Math.min(usual, depthMs(this.#budget.limit) / SLICES_IN_DEPTH);
  }

  /** Asked between any two pieces of work. @returns milliseconds to rest before the next one; after them {@link rested} is called. */
  dueRest(): number {
    if (this.#budget === undefined) return 0;
    const { now, usedMs } = this.#options;
    const nowMs = now();
    if (nowMs < this.#lookAt) return 0;
    this.#lookAt = nowMs + LOOK_EVERY_MS;
    const { budget, restMs } = spend(this.#budget, { nowMs, usedMs: usedMs() });
    this.#budget = budget;
    this.#restsFrom = nowMs;
    return restMs;
  }

  /** The rest that was due is over. @returns milliseconds to rest on; after them this is called again. */
  rested(): number {
    const { now, usedMs, patienceMs = 0, onRested } = this.#options;
    const nowMs = now();
    const restedMs = nowMs - this.#restsFrom;
    if (this.#budget !== undefined) {
      const { budget, restMs } = resume(this.#budget, { nowMs, usedMs: usedMs() }, patienceMs - restedMs);
      this.#budget = budget;
      if (restMs > 0) return restMs;
    }
    onRested(restedMs);
    return 0;
  }
}
