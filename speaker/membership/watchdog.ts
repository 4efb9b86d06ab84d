/** What the beat thread sees of the main thread. Times are milliseconds of one monotonic clock. */
export type WireView = {
  readonly now: number;
  /** When the main thread's tick last moved; undefined: it never has. */
  readonly lastTickAt: number | undefined;
  /** When the beat thread started to watch: a main thread that never ticks is judged from then on. */
  readonly watchingSince: number;
  /** False when taps are wanted and not one of them is open. */
  readonly tapsAlive: boolean;
};

/** held: the main thread stands still. no-taps: it runs, but neither hears nor answers. */
export type WireVerdict = { readonly alive: true } | { readonly alive: false; readonly reason: "held" | "no-taps" };

/** Milliseconds without a tick after which the main thread counts as held. */
export const heldAfterMs = 1500;

/** Whether this node may count as alive: its membership and its health end with its wire. */
export function judgeWire({ now, lastTickAt, watchingSince, tapsAlive }: WireView): WireVerdict {
  if (now - (lastTickAt ?? watchingSince) > heldAfterMs) return { alive: false, reason: "held" };
  if (!tapsAlive) return { alive: false, reason: "no-taps" };
  return { alive: true };
}

/** What the beat thread sees of the mind; as {@link WireView}. */
export type MindView = Pick<WireView, "now" | "lastTickAt" | "watchingSince">;

/** held: nothing new is decided on this node. lost: it will not come back by itself. */
export type MindVerdict = "alive" | "held" | "lost";

/** Milliseconds without a tick after which the mind counts as held: longer than any garbage collection or compilation. */
export const mindHeldAfterMs = 10_000;
/** Milliseconds without a tick after which the mind counts as lost. */
export const mindLostAfterMs = 60_000;

/** Whether this node follows the cluster: an address that is given to it by election would have no owner otherwise. */
export function judgeMind({ now, lastTickAt, watchingSince }: MindView): MindVerdict {
  const silentMs = now - (lastTickAt ?? watchingSince);
  if (silentMs > mindLostAfterMs) return "lost";
  return silentMs > mindHeldAfterMs ? "held" : "alive";
}
