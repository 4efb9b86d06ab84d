import type { Clock } from "../framework/clock.ts";
import type { EventRecorder } from "../framework/events.ts";
import type { WriteLimiter } from "../framework/write-limiter.ts";

/** Events are let through while no more writes than this are under way. */
const quiet = 4;
const lookAgainMs = 100;
/** Let through at a time, so that the next fill does not find the API server busy with events. */
const batch = 50;

/** So many statuses are being written that what nobody waits for had better wait. */
export function isBusy({ inFlight, waiting }: Pick<WriteLimiter, "inFlight" | "waiting">): boolean {
  return waiting > 0 || inFlight > quiet;
}

type Held = Parameters<EventRecorder["record"]>;

/**
 * Holds events back while many statuses are being written: an event costs the API server as much as an address does, and
 * the address is what somebody waits for. Beyond the bound the oldest go through at once.
 */
export function patientEvents(
  events: EventRecorder,
  writes: Pick<WriteLimiter, "inFlight" | "waiting">,
  clock: Clock,
  bound = 20_000,
): EventRecorder {
  const held: Held[] = [];
  let planned = false;

  const release = (count: number): void => {
    for (const each of held.splice(0, count)) events.record(...each);
  };
  const look = (): void => {
    planned = false;
    if (!isBusy(writes)) release(batch);
    if (held.length > 0) plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    clock.after(lookAgainMs, look);
  };

  return {
    record(...event) {
      if (held.length === 0 && !isBusy(writes)) {
        events.record(...event);
        return;
      }
      held.push(event);
      if (held.length > bound) release(1);
      plan();
    },
  };
}
