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
    // Node counts in whole milliseconds, cut off: a timer can be one too early, and to set it again costs as much as it does.
    const arm = (): void => {
      const leftMs = Math.ceil(due - performance.now());
      const delayMs = leftMs > 0 ? leftMs + 1 : 0;
      timer = setTimeout(() => (performance.now() < due ? arm() : run()), Math.min(delayMs, longestTimerMs));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
