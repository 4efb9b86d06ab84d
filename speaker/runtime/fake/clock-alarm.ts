import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Alarm } from "../../native/alarm.ts";

/** An alarm in the time of that clock. */
export function clockAlarm(clock: Clock, onRing: () => void): Alarm {
  let cancel: Cancel = () => undefined;
  return {
    set: (ms) => {
      cancel();
      cancel = clock.after(ms, onRing);
    },
    close: () => cancel(),
  };
}
