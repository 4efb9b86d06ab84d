import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LimitedProcess, STEP_MS } from "../fake/limited-process.ts";
import { type CpuBudget, type CpuSample, depthMs, openBudget, refillRate, resume, spend } from "./cpu-budget.ts";
import type { CpuLimit } from "./cpu-limit.ts";

const half: CpuLimit = { quotaMs: 50, periodMs: 100 };

/** Works without an end in slices, as the budget gives leave. */
function work(process: LimitedProcess, limit: CpuLimit, slices: readonly number[]): void {
  let budget: CpuBudget = openBudget(limit, process.sample);
  for (const slice of slices) {
    const spent = spend(budget, process.sample);
    budget = spent.budget;
    if (spent.restMs > 0) {
      process.pass(spent.restMs, 0);
      budget = resume(budget, process.sample, 0).budget;
    }
    process.pass(slice, 1);
  }
}

/** How long it rests once more without patience, and after that. */
function goesOn(budget: CpuBudget, after: CpuSample): readonly number[] {
  const resumed = resume(budget, after, 0);
  return [resumed.restMs, spend(resumed.budget, after).restMs];
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
  for (let i = 0; i < 100; i++) process.pass(10, 1);
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
      deepEqual(goesOn(budget, after), [0, 0]);
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
  deepEqual(goesOn(used.budget, after), [0, 0]);
});

test("with patience a rest is followed by another while the others use too much, until the patience is over", () => {
  const used = spend(openBudget(half, { nowMs: 0, usedMs: 0 }), { nowMs: 0, usedMs: 40 });
  const after = { nowMs: used.restMs, usedMs: 1000 };
  const again = resume(used.budget, after, 30);
  equal(again.restMs, 30);
  const later = { nowMs: used.restMs + 30, usedMs: 2000 };
  deepEqual(goesOn(again.budget, later), [0, 0]);
  const calm = resume(used.budget, { nowMs: used.restMs, usedMs: 40 }, 1000);
  equal(calm.restMs, 0, "the others used nothing");
});

/** Two threads that never end, and wait for each other as `patienceMs` says. @returns how long each has worked. */
function workTogether(process: LimitedProcess, slicesMs: readonly number[], patienceMs: readonly number[], untilMs: number) {
  const threads = slicesMs.map((sliceMs, i) => ({
    sliceMs,
    patienceMs: patienceMs[i] ?? 0,
    budget: openBudget(half, process.sample),
    leftMs: sliceMs,
    restsFrom: 0,
    restsUntil: 0,
    workedMs: 0,
  }));
  while (process.sample.nowMs < untilMs) {
    const { sample } = process;
    for (const thread of threads) {
      if (thread.leftMs <= 0) {
        const spent = spend(thread.budget, sample);
        thread.budget = spent.budget;
        thread.leftMs = thread.sliceMs;
        thread.restsFrom = sample.nowMs;
        thread.restsUntil = spent.restMs === 0 ? 0 : sample.nowMs + spent.restMs;
      }
      if (thread.restsUntil === 0 || sample.nowMs < thread.restsUntil) continue;
      const resumed = resume(thread.budget, sample, thread.patienceMs - (sample.nowMs - thread.restsFrom));
      thread.budget = resumed.budget;
      thread.restsUntil = resumed.restMs === 0 ? 0 : sample.nowMs + resumed.restMs;
    }
    const working = threads.filter(({ restsUntil }) => restsUntil === 0);
    process.pass(STEP_MS, working.length);
    for (const thread of working) {
      thread.leftMs -= STEP_MS;
      thread.workedMs += STEP_MS;
    }
  }
  return threads.map(({ workedMs }) => workedMs);
}

const twoSlices = fc.tuple(fc.double({ min: 0.5, max: 3.5, noNaN: true }), fc.double({ min: 0.5, max: 5, noNaN: true }));

test("two threads of which one has patience are never stopped by the kernel, and both go on", () => {
  fc.assert(
    fc.property(twoSlices, fc.integer({ min: 0, max: 99 }), fc.constantFrom(0.02, 0.06, 0.14), (lengths, phaseMs, others) => {
      const process = new LimitedProcess(half, phaseMs, others);
      const [first = 0, patient = 0] = workTogether(process, lengths, [0, 100], 5_000);
      equal(process.throttledPeriods, 0);
      ok(first > 400, `${first}`);
      ok(patient > 100, `${patient}`);
    }),
    { numRuns: 60 },
  );
});

test("two threads without patience use too much together: what the patience is for", () => {
  const process = new LimitedProcess(half, 0, 0.14);
  workTogether(process, [3.5, 5], [0, 0], 5_000);
  ok(process.throttledPeriods > 0);
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
