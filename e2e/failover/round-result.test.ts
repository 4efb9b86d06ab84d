import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resultOf, storyOf } from "./round-result.ts";
import type { Sighting, Timeline } from "./timeline.ts";

const [old, heir] = ["02:00:00:00:00:01", "02:00:00:00:00:02"];

function answers(mac: string, from: number, to: number, address = "a"): readonly Sighting[] {
  return Array.from({ length: (to - from) / 5 + 1 }, (_, index) => ({ at: from + 5 * index, address, mac, unasked: false }));
}

function timeline(sightings: readonly Sighting[], more: Partial<Timeline> = {}): Timeline {
  const inOrder = [...sightings].sort((a, b) => a.at - b.at);
  return { sightings: inOrder, attempts: [], breaks: [], clientLateMs: 0, ...more };
}

const times = { orderedAt: 1000, struckAt: 1020, repairedAt: 3000, endedAt: 5000 };

test("a takeover is counted from the owner's last answer before the fault was in force", () => {
  const seen = timeline([...answers(old, 0, 1010), ...answers(heir, 1310, 4995)]);
  equal(resultOf(seen, ["a"], old, times).takeoverMs, 300);
});

test("where the owner was silent already, it is counted from the order", () => {
  const seen = timeline([...answers(old, 0, 900), ...answers(heir, 1310, 4995)]);
  equal(resultOf(seen, ["a"], old, times).takeoverMs, 310);
});

test("of several addresses the slowest counts, and one that nobody took over leaves no figure", () => {
  const a = [...answers(old, 0, 1010), ...answers(heir, 1310, 4995)];
  const b = [...answers(old, 0, 1010, "b"), ...answers(heir, 1410, 4995, "b")];
  equal(resultOf(timeline([...a, ...b]), ["a", "b"], old, times).takeoverMs, 400);
  deepEqual(resultOf(timeline([...a, ...b]), ["a", "b"], old, times).takeovers, [300, 400]);
  equal(resultOf(timeline(a), ["a", "b"], old, times).takeoverMs, undefined);
});

test("two owners before the repair are summed, and after it the last moment counts", () => {
  const seen = timeline([...answers(old, 0, 2000), ...answers(heir, 1500, 3700), ...answers(old, 3200, 4995)]);
  const { contestedMs, oneOwnerAfterMs, moves } = resultOf(seen, ["a"], old, times);
  deepEqual({ contestedMs, oneOwnerAfterMs, moves }, { contestedMs: 500, oneOwnerAfterMs: 700, moves: 2 });
});

test("of the times with two owners the longest is told, of whatever address and before or after the repair", () => {
  const a = [...answers(old, 0, 2000), ...answers(heir, 1800, 3700), ...answers(old, 3500, 4995)];
  const b = [...answers(old, 0, 1010, "b"), ...answers(heir, 1310, 3900, "b"), ...answers(old, 3600, 4995, "b")];
  equal(resultOf(timeline([...a, ...b]), ["a", "b"], old, times).longestContestMs, 300);
  equal(resultOf(timeline(answers(old, 0, 4995)), ["a"], old, times).longestContestMs, 0);
});

test("unasked announcements of the owner before the fault do not make a round", () => {
  const unasked = (mac: string, at: number, address: string): Sighting => ({ at, address, mac, unasked: true });
  const seen = [...answers(old, 0, 1010), unasked(heir, 1300, "a"), unasked(heir, 1900, "b"), unasked(old, 1950, "c")];
  const { firstRoundMs, announced } = resultOf(timeline(seen), ["a"], old, times);
  deepEqual({ firstRoundMs, announced }, { firstRoundMs: 890, announced: 2 });
});

test("a connection that needed a second try is late, and one that never opened failed", () => {
  const attempt = (at: number, tookMs: number, failure?: string) =>
    failure === undefined ? { at, address: "a", tookMs } : { at, address: "a", tookMs, failure };
  const attempts = [attempt(900, 1, "refused"), attempt(1100, 2), attempt(1200, 1010), attempt(1300, 3000, "no answer")];
  deepEqual(resultOf(timeline([], { attempts }), ["a"], old, times).connects, { tried: 3, failed: 1, late: 1 });
});

test("a round's story says who answered from when to when, since the order", () => {
  const seen = timeline([...answers(old, 0, 1010), ...answers(heir, 1310, 4995)]);
  equal(
    storyOf(resultOf(seen, ["a"], old, times), (mac) => (mac === heir ? "n2" : undefined)),
    `${old} -1000–10, n2 310–3995`,
  );
});

test("a silence that begins before the order counts whole, and so does the move at its end", () => {
  const seen = timeline([...answers(old, 0, 990), ...answers(heir, 1310, 4995)]);
  const { longestGapMs, moves } = resultOf(seen, ["a"], old, times);
  deepEqual({ longestGapMs, moves }, { longestGapMs: 320, moves: 1 });
});

test("an address that another owner answers for before the fault is in force was on its way already", () => {
  const moving = (at: number): boolean =>
    resultOf(timeline([...answers(old, 0, 1000), ...answers(heir, at, 4995)]), ["a"], old, times).movedBefore;
  deepEqual([moving(1020), moving(1025)], [true, false]);
});
