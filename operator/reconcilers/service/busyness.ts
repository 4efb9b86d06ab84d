import type { Clock } from "../../framework/clock.ts";
import type { WriteLimiter } from "../../framework/write/write-limiter.ts";

/** No more writes under way than this are rest. */
const quiet = 4;
/** A fill has breaks: only after this long without many writes is it over. */
const calmMs = 300;

/** Tells whether so many statuses are being written that what nobody waits for had better wait. */
export type Busyness = () => boolean;

export function createBusyness(writes: Pick<WriteLimiter, "inFlight" | "waiting">, clock: Clock): Busyness {
  let busyAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.monotonic();
    if (writes.waiting > 0 || writes.inFlight > quiet) busyAt = now;
    return now - busyAt < calmMs;
  };
}
