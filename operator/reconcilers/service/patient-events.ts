import type { Clock } from "../../framework/clock.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import type { Busyness } from "./busyness.ts";

const lookAgainMs = 100;
/** Let through at a time, so that the next fill does not find the API server busy with events. */
const batch = 50;

type Held = Parameters<EventRecorder["record"]>;

/**
 * Holds events back while many statuses are being written: an event costs the API server as much as an address does, and
 * the address is what somebody waits for. Beyond the bound the oldest go through at once.
 */
export function patientEvents(events: EventRecorder, isBusy: Busyness, clock: Clock, bound = 20_000): EventRecorder {
  const held: Held[] = [];
  let planned = false;

  const release = (count: number): void => {
    for (const each of held.splice(0, count)) events.record(...each);
  };
  const look = (): void => {
    planned = false;
    if (!isBusy()) release(batch);
    if (held.length > 0) plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    clock.after(lookAgainMs, look);
  };

  return {
    record(...event) {
      if (held.length === 0 && !isBusy()) {
        events.record(...event);
        return;
      }
      held.push(event);
      if (held.length > bound) release(1);
      plan();
    },
  };
}
