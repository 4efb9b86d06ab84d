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
    const fire = (): void => {
      const leftMs = due - performance.now();
      if (leftMs > 0) arm(leftMs);
      else run();
    };
    // Node counts in whole milliseconds, cut off: a timer can be one too early, and to set it again costs as much as it does.
    const arm = (leftMs: number): void => {
      const delayMs = leftMs > 0 ? Math.ceil(leftMs) + 1 : 0;
      timer = setTimeout(fire, Math.min(delayMs, longestTimerMs));
      timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
