import type { CpuLimit } from "./cpu-limit.ts";

/** How much CPU time all threads of the process have used at a time. Milliseconds, each from any start. */
export type CpuSample = { readonly nowMs: number; readonly usedMs: number };

/**
 * A token bucket over the CPU time of the whole process, from which one thread takes its leave to work. Over any time of one period it
 * gives `depth + refill`, which is less than the quota, wherever the kernel's periods begin: what is kept back is for the threads that
 * ask nobody, and for a slice of work that is longer than expected.
 */
export type CpuBudget = {
  readonly limit: CpuLimit;
  readonly sample: CpuSample;
  /** At most {@link depthMs}; negative: more was used than there was. */
  readonly leftMs: number;
};

/** Never given: of the quota, and of each period of 100 ms. */
const KEPT_SHARE = 0.1;
const KEPT_MS = 2;
/** The rest, at least half of the quota, is a third depth and two thirds refill. */
const DEPTH_SHARE = 1 / 3;
/** With less of the depth left no slice is begun. */
const LOW_SHARE = 3 / 4;
/** However long the thread worked without asking, it rests for no more than about so many periods. */
const LONGEST_REST_PERIODS = 1;

/** A full bucket. */
export function openBudget(limit: CpuLimit, sample: CpuSample): CpuBudget {
  return { limit, sample, leftMs: depthMs(limit) };
}

/** What may be used at once after a time of little use. */
export function depthMs(limit: CpuLimit): number {
  return usableMs(limit) * DEPTH_SHARE;
}

/** What comes back in each millisecond. */
export function refillRate(limit: CpuLimit): number {
  return (usableMs(limit) * (1 - DEPTH_SHARE)) / limit.periodMs;
}

/** @param restMs how long to rest before the next slice of work, in milliseconds. */
export type Leave = { readonly budget: CpuBudget; readonly restMs: number };

/** After a slice of work: a rest until the bucket is full, or none while enough is left. */
export function spend(budget: CpuBudget, sample: CpuSample): Leave {
  const { limit } = budget;
  const [depth, rate] = [depthMs(limit), refillRate(limit)];
  const lowest = depth - LONGEST_REST_PERIODS * limit.periodMs * rate;
  const leftMs = Math.max(lowest, refilled(budget, sample));
  const restMs = leftMs >= LOW_SHARE * depth ? 0 : (depth - leftMs) / rate;
  return { budget: { limit, sample, leftMs }, restMs };
}

/**
 * After a rest: another one, where the other threads used too much meanwhile. But this one must go on: as soon as its patience is over
 * there is some for it, however much they used.
 * @param patienceMs for how long it can still rest.
 */
export function resume(budget: CpuBudget, sample: CpuSample, patienceMs: number): Leave {
  const { limit } = budget;
  const leave = spend(budget, sample);
  if (leave.restMs > 0 && patienceMs > 0) return { budget: leave.budget, restMs: Math.min(leave.restMs, patienceMs) };
  const least = ((1 + LOW_SHARE) / 2) * depthMs(limit);
  return { budget: { limit, sample, leftMs: Math.max(least, leave.budget.leftMs) }, restMs: 0 };
}

function refilled({ limit, sample: { nowMs, usedMs }, leftMs }: CpuBudget, sample: CpuSample): number {
  const left = leftMs + Math.max(0, sample.nowMs - nowMs) * refillRate(limit) - Math.max(0, sample.usedMs - usedMs);
  return Math.min(depthMs(limit), left);
}

function usableMs({ quotaMs, periodMs }: CpuLimit): number {
  return Math.max(quotaMs / 2, quotaMs * (1 - KEPT_SHARE) - (KEPT_MS * periodMs) / 100);
}
