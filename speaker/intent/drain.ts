/**
 * How far a node has come that is being emptied of routes. `leaving`: its routes stand, and say that they are about to go, so
 * that others are taken first (RFC 8326). `gone`: they are withdrawn.
 */
export type DrainStage = "staying" | "leaving" | "gone";

/**
 * @param sinceMs when it was asked for; undefined: it is not.
 * @param waitMs how long others are given to use another way.
 */
export function drainStageOf(sinceMs: number | undefined, nowMs: number, waitMs: number): DrainStage {
  if (sinceMs === undefined) return "staying";
  return nowMs - sinceMs < waitMs ? "leaving" : "gone";
}
