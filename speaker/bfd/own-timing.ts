/** Milliseconds: bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval. */
export type Intervals = { readonly txMs: number; readonly rxMs: number };

/**
 * The own intervals and how far the other side has agreed to them. RFC 5880 §6.8.3: who raises the one or lowers the other while the
 * session is up must go on with the former value until a poll was answered.
 */
export type OwnTiming = {
  /** What is to hold. */
  readonly wanted: Intervals;
  /** What our packets say. Stays the same during a poll, so that the answer is to it and to nothing else. */
  readonly said: Intervals;
  /** What packets are sent by, and silence is judged by. */
  readonly used: Intervals;
  readonly polling: boolean;
};

/** While a session is not up it is slow, so that a peer that is not there costs next to nothing. RFC 5880 §6.8.3. */
export const slowTxMs = 1_000;

/** Intervals that hold at once: nobody relies on others while the session is not up. */
export function settled(intervals: Intervals): OwnTiming {
  return { wanted: intervals, said: intervals, used: intervals, polling: false };
}

/** Other intervals are wanted while the session is up. A poll that is on its way is finished first. */
export function wanting(timing: OwnTiming, wanted: Intervals): OwnTiming {
  if (timing.polling || same(wanted, timing.said)) return { ...timing, wanted };
  const used = { txMs: Math.min(timing.used.txMs, wanted.txMs), rxMs: Math.max(timing.used.rxMs, wanted.rxMs) };
  return { wanted, said: wanted, used, polling: true };
}

/** The other side has answered the poll, if there was one. */
export function answered(timing: OwnTiming): OwnTiming {
  if (!timing.polling) return timing;
  return wanting({ ...timing, used: timing.said, polling: false }, timing.wanted);
}

/** Starts a poll even when the values are the other side's already. */
export function polled(timing: OwnTiming): OwnTiming {
  return { ...timing, polling: true };
}

function same(a: Intervals, b: Intervals): boolean {
  return a.txMs === b.txMs && a.rxMs === b.rxMs;
}
