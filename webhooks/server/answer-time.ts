import { parseDuration } from "../../crds/duration.ts";

/** What the API server allows at most, and what it waits when nobody configured anything else. */
const longestMs = 30_000;
const usualMs = 10_000;

/**
 * Milliseconds in which a request must be answered, so that its author reads our words and not that we timed out: four
 * fifths of what the API server waits, which it says in the query (`timeout=10s`).
 */
export function answerWithinMs(query: string): number {
  const nanoseconds = parseDuration(new URLSearchParams(query).get("timeout") ?? "");
  const given = nanoseconds === undefined ? usualMs : Number(nanoseconds / 1_000_000n);
  return 0.8 * (given > 0 ? Math.min(given, longestMs) : usualMs);
}
