import { armTimer, openTimer } from "./libc.ts";
import { adoptSocket } from "./socket-adoption.ts";

/** Rings once, when it was set to, and is set anew as often as one likes: unlike a timer of Node's it then wakes nobody in between. */
export interface Alarm {
  /** Rings in so many milliseconds, never earlier, in place of any time that was set before. */
  set(ms: number): void;
  /** It does not ring any more. */
  close(): void;
}

/** What the kernel writes when it rings: how often it did. */
const countOctets = 8;

/**
 * A timer of the kernel's in the event loop. Node's own timers share one that is never put off: a timer that is cleared or set
 * anew still wakes the thread, and waking costs more than what it wakes for.
 * @throws {SystemError} where the kernel has no timer left.
 */
export function openAlarm(onRing: () => void): Alarm {
  const fd = openTimer();
  const adopted = adoptSocket(fd, countOctets, {
    onOctets: onRing,
    onFailed: (code) => {
      throw new Error(`a timer of the kernel failed: ${code}`);
    },
  });
  let open = true;
  return {
    set: (ms) => {
      if (open) armTimer(adopted.descriptor, ms); // the number of a closed descriptor may be another's
    },
    close: () => {
      open = false;
      adopted.close();
    },
  };
}
