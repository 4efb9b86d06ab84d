/** Times of the protocol, in milliseconds. */
export type Timing = {
  /** Between two beats to the same watcher. The same in every profile: watchers expect the beats of all nodes alike. */
  readonly beatMs: number;
  /** Silence after which a watcher asks. */
  readonly lateMs: number;
  /** From one question to the next. */
  readonly probeMs: number;
  /** Silence after which a node may be declared dead. */
  readonly deathMs: number;
  /** What the limit may grow to for a node that paused for long and lived. */
  readonly maxDeathMs: number;
};

export const lanTiming: Timing = { beatMs: 100, lateMs: 130, probeMs: 20, deathMs: 300, maxDeathMs: 5000 };

/** For links over which packets take their time (`--ml-wan-config`). */
export const wanTiming: Timing = { beatMs: 100, lateMs: 500, probeMs: 100, deathMs: 2000, maxDeathMs: 10_000 };

/** Nodes that watch each node. */
export const watchersPerNode = 3;

/** The limit is so many times the longest pause lately seen from that node. */
export const gapFactor = 1.5;

/** A pause is remembered for at least this and at most twice this time. */
export const gapMemoryMs = 30_000;

/** For so long what another node said of a silent one counts. */
export const wordFreshMs = 150;

/** For so long beats tell a death on, for those who missed the news. */
export const tellOnMs = 300;

/** How long the accused may take to refute what is told of it at second hand. */
export const doubtMs = 300;

/** Views that differ for longer than this are brought together. */
export const settleMs = 150;

/** Between two exchanges with a node at random. */
export const exchangeMs = 2000;

/** Between two thoughts of a call to a node that does not live. */
export const recallMs = 1000;

/** Calls that a node that does not live gets in that time, from all nodes together. */
export const recallsPerNode = 4;

/** Between the attempts of a node that wants to join, or to be known as alive. */
export const joinRetryMs = 100;

/** A fresh node waits so long for an answer before it takes part without one. */
export const joinHoldMs = 5000;

/** For how long after its first death within the hour a node is no candidate; each further death doubles it. */
export const dampingMs = 5000;
export const maxDampingMs = 300_000;

/** For so long after another node gave up its addresses nobody comes out of damping: others are taking what it had. */
export const calmMs = 2000;

/** Nodes whose damping ends within this time of each other take addresses together; a further second choice joins after it. */
export const togetherMs = 1000;

/** After so long a death is forgotten, and so is a node that did not come back. */
export const deathMemoryMs = 3_600_000;

/** From one question to the segment to the next, while no peer is heard. */
export const segmentRetryMs = 1000;

/** A node that its peers told of its death hears little from them: only a silence this long means that they are gone. */
export const outcastSilenceMs = 10_000;

/** Nodes that a view can hold: the most that Kubernetes supports, and some that were replaced. */
export const maxMembers = 6000;

/** A number of living nodes that stands for so long is what the view is worth, compared to another's. */
export const steadyMs = 5000;
