import { readFileSync } from "node:fs";
import { mayBecomeRealTime } from "./capabilities.ts";
import { becomeRealTime, SystemError } from "./libc.ts";

/**
 * Lets the calling thread run as soon as it is woken, whatever ordinary threads compute meanwhile; threads that it starts are
 * ordinary again. For threads that answer the network and compute little (sched(7), SCHED_RR).
 * @param priority 1, behind every other real-time thread, to 99.
 * @returns undefined, or why it stays an ordinary thread: a sentence with the way out.
 */
export function runBeforeOrdinaryThreads(priority: number): string | undefined {
  try {
    becomeRealTime(priority);
    return undefined;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return whyOrdinary(error.code, mayBecomeRealTime(readFileSync("/proc/thread-self/status", "utf8")));
  }
}

/** @param code the symbolic errno of sched_setscheduler(2). */
export function whyOrdinary(code: string, capable: boolean): string {
  if (code !== "EPERM") return `the C library or the kernel refuses it (${code})`;
  if (!capable) return "CAP_SYS_NICE is missing: add SYS_NICE to the container's securityContext.capabilities.add";
  return "the kernel refuses it in this control group (CONFIG_RT_GROUP_SCHED)";
}
