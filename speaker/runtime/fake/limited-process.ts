import type { CpuLimit } from "../pace/cpu-limit.ts";

/** In such steps time passes. */
export const STEP_MS = 0.25;

/** A process under a limit, as the kernel holds it to that: threads that ask before each slice of work, and others that do not. */
export class LimitedProcess {
  readonly #limit: CpuLimit;
  /** Part of a core. */
  readonly #others: number;
  #nowMs: number;
  #usedMs = 0;
  #usedInPeriodMs = 0;
  throttledPeriods = 0;

  /** @param phaseMs how far the kernel's first period is when the process begins. */
  constructor(limit: CpuLimit, phaseMs: number, others: number) {
    this.#limit = limit;
    this.#nowMs = phaseMs;
    this.#others = others;
  }

  get sample() {
    return { nowMs: this.#nowMs, usedMs: this.#usedMs };
  }

  /** @param working so many of those that ask. */
  pass(ms: number, working: number): void {
    const use = STEP_MS * (working + this.#others);
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.#step();
      this.#usedMs += use;
      this.#usedInPeriodMs += use;
      if (this.#usedInPeriodMs > this.#limit.quotaMs) this.#wait();
    }
  }

  #step(): void {
    const { periodMs } = this.#limit;
    const period = Math.floor(this.#nowMs / periodMs);
    this.#nowMs += STEP_MS;
    if (Math.floor(this.#nowMs / periodMs) !== period) this.#usedInPeriodMs = 0;
  }

  #wait(): void {
    const { periodMs } = this.#limit;
    this.throttledPeriods++;
    this.#nowMs = (Math.floor(this.#nowMs / periodMs) + 1) * periodMs;
    this.#usedInPeriodMs = 0;
  }
}
