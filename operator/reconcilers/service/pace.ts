import type { Clock } from "../../framework/clock.ts";

/** Call it between pieces of work; it lets everything else have its turn when the present one has lasted too long. */
export type Pace = () => Promise<void>;

/** @param budgetMs work that may go on without a pause. */
export function createPace(clock: Clock, budgetMs = 8): Pace {
  let turnStarted = Number.NEGATIVE_INFINITY;
  let next: Promise<void> | undefined;
  return async () => {
    if (clock.monotonic() - turnStarted < budgetMs) return;
    next ??= new Promise((resolve) => {
      setImmediate(() => {
        turnStarted = clock.monotonic();
        next = undefined;
        resolve();
      });
    });
    await next;
  };
}
