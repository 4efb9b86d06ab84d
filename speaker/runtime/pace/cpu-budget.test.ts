import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CpuBudget, depthMs, openBudget, refillRate, resume, spend } from "./cpu-budget.ts";
import type { CpuLimit } from "./cpu-limit.ts";

const half: CpuLimit = { quotaMs: 50, periodMs: 100 };
const STEP_MS = 0.25;

/** A process under a limit, as the kernel holds it to that: one thread that asks before each slice of work, and others that do not. */
class LimitedProcess {
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

  /** @param works the thread does; else it rests. */
  pass(ms: number, works: boolean): void {
    const use = STEP_MS * ((works ? 1 : 0) + this.#others);
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

/** Works without an end in slices, as the budget gives leave. */
function work(process: LimitedProcess, limit: CpuLimit, slices: readonly number[]): void {
  let budget: CpuBudget = openBudget(limit, process.sample);
  for (const slice of slices) {
    const spent = spend(budget, process.sample);
    budget = spent.budget;
    if (spent.restMs > 0) {
      process.pass(spent.restMs, false);
      budget = resume(budget, process.sample);
    }
    process.pass(slice, true);
  }
}

const quotas = fc.integer({ min: 10, max: 400 });
const slices = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 50, maxLength: 300 });

test("with slices no longer than the depth the kernel never stops the process, wherever its periods begin", () => {
  fc.assert(
    fc.property(quotas, fc.integer({ min: 0, max: 99 }), slices, (quotaMs, phaseMs, lengths) => {
      const limit = { quotaMs, periodMs: 100 };
      const process = new LimitedProcess(limit, phaseMs, 0.02);
      work(
        process,
        limit,
        lengths.map((length) => Math.min(length, Math.floor(depthMs(limit)))),
      );
      equal(process.throttledPeriods, 0);
    }),
    { numRuns: 200 },
  );
});

test("without rests the same work is stopped in most periods: the simulated kernel bites", () => {
  const process = new LimitedProcess(half, 0, 0.02);
  for (let i = 0; i < 100; i++) process.pass(10, true);
  ok(process.throttledPeriods > 10);
});

test("work that never ends gets more than half of the quota", () => {
  const process = new LimitedProcess(half, 0, 0);
  work(
    process,
    half,
    Array.from({ length: 300 }, () => 3),
  );
  const { nowMs, usedMs } = process.sample;
  ok(usedMs / nowMs > 0.25, `${usedMs} of ${nowMs} ms`);
});

test("after a rest as long as was asked for there is leave to work", () => {
  fc.assert(
    fc.property(quotas, fc.double({ min: 0, max: 1000, noNaN: true }), (quotaMs, usedMs) => {
      const limit = { quotaMs, periodMs: 100 };
      const { budget, restMs } = spend(openBudget(limit, { nowMs: 0, usedMs: 0 }), { nowMs: 0, usedMs });
      const after = { nowMs: restMs, usedMs };
      equal(spend(resume(budget, after), after).restMs, 0);
    }),
  );
});

test("no rest is longer than a period, however much was used", () => {
  fc.assert(
    fc.property(
      quotas,
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (quotaMs, periodMs, usedMs) => {
        const { restMs } = spend(openBudget({ quotaMs, periodMs }, { nowMs: 0, usedMs: 0 }), { nowMs: 0, usedMs });
        ok(restMs <= periodMs * 1.001);
      },
    ),
  );
});

test("a little work after a time of little use is not held up", () => {
  const { restMs } = spend(openBudget(half, { nowMs: 0, usedMs: 0 }), { nowMs: 0, usedMs: 3 });
  equal(restMs, 0);
});

test("a rest gives leave to work, however much the other threads used meanwhile", () => {
  const used = spend(openBudget(half, { nowMs: 0, usedMs: 0 }), { nowMs: 0, usedMs: 40 });
  const after = { nowMs: used.restMs, usedMs: 1000 };
  equal(spend(resume(used.budget, after), after).restMs, 0);
});

test("one thread is never held up by a limit of several cores", () => {
  let budget = openBudget({ quotaMs: 400, periodMs: 100 }, { nowMs: 0, usedMs: 0 });
  for (let nowMs = 10; nowMs < 5000; nowMs += 10) {
    const spent = spend(budget, { nowMs, usedMs: nowMs });
    equal(spent.restMs, 0);
    budget = spent.budget;
  }
});

test("a clock or a counter that goes backwards changes nothing", () => {
  const { budget, restMs } = spend(openBudget(half, { nowMs: 1000, usedMs: 1000 }), { nowMs: 0, usedMs: 0 });
  equal(restMs, 0);
  equal(budget.leftMs, depthMs(half));
});

test("what is given in any period is less than the quota", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 1000 }), (quotaMs, periodMs) => {
      const limit = { quotaMs, periodMs };
      ok(depthMs(limit) + refillRate(limit) * periodMs < quotaMs);
    }),
  );
});
