import type { Clock } from "./clock.ts";

/** A longer delay would overflow Node's timer and fire at once. */
const longestTimerMs = 0x7fffffff;

/** The machine's own time. Its timers never keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const due = performance.now() + ms;
    let timer: NodeJS.Timeout;
    // Node counts in whole milliseconds, cut off: its timers can be one too early.
    const arm = (): void => {
      const leftMs = Math.ceil(due - performance.now());
      timer = setTimeout(() => (performance.now() < due ? arm() : run()), Math.min(Math.max(0, leftMs), longestTimerMs));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
