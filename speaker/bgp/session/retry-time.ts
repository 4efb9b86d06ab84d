import type { SessionConfig } from "./session-config.ts";
import type { Moment } from "./session-event.ts";
import type { SessionState } from "./session-state.ts";

/**
 * Why a peer is to be connected anew. start: the session begins. lost: it was up, and something broke. collided: the peer
 * kept another connection. failed: no session came of it. refused: the peer does not want us, and said so.
 */
export type RetryCause = "start" | "lost" | "collided" | "failed" | "refused";

/** Sessions that begin together do not connect in the same instant. */
const startSpreadMs = 200;

/** No peer is tried more often, whatever it does. */
const leastMs = 1000;

const longestBackOffMs = 120_000;

/** When to connect next. With a connect time, that long after the last attempt began, or after a refusal. */
export function retryTime(
  cause: RetryCause,
  { dialledAt, failures }: Pick<SessionState, "dialledAt" | "failures">,
  { connectTimeMs }: Pick<SessionConfig, "connectTimeMs">,
  { now, random }: Moment,
): number {
  if (cause === "start") return now + random * startSpreadMs;
  const soonest = Math.max(now, (dialledAt ?? Number.NEGATIVE_INFINITY) + leastMs);
  if (cause === "lost") return soonest;
  // Both sides must not meet again in the same way.
  if (cause === "collided") return soonest + random * leastMs;
  if (connectTimeMs === undefined) return Math.max(soonest, now + backOffMs(failures, random));
  return Math.max(soonest, (cause === "refused" ? now : (dialledAt ?? now)) + connectTimeMs);
}

/** 1, 2, 4 ... 120 s after the first, second, third failure in a row; with the jitter of RFC 4271 §10. */
export function backOffMs(failures: number, random: number): number {
  const steps = Math.min(Math.max(failures - 1, 0), 10);
  return Math.min(longestBackOffMs, leastMs * 2 ** steps) * jitter(random);
}

/** 0.75 up to 1. RFC 4271 §10. */
export function jitter(random: number): number {
  return 0.75 + random / 4;
}
