import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { AnswerTimeline } from "./answer-timeline.ts";
import { judge } from "./judgement.ts";
import type { Program } from "./speaker-roster.ts";

/** One address asked every 10 ms; node `m…` runs MetalLB's speaker, `h…` Herald's. */
function judgementOf(...answers: readonly (readonly string[])[]) {
  const timeline = new AnswerTimeline(["192.0.2.1"]);
  for (const [index, macs] of answers.entries()) timeline.add({ at: index * 10, answers: [macs] });
  const programs: Readonly<Record<string, Program>> = { m: "MetalLB", h: "Herald" };
  return judge(timeline, 10, (mac) => ({ node: mac, program: programs[mac[0] ?? ""] }));
}

test("two answers of which one is Herald's count against it", () => {
  const { doubles } = judgementOf(["m1"], ["h1", "m1"], ["h1"]);
  deepEqual(doubles, ["192.0.2.1: Herald on h1 and MetalLB on m1 both answered 1 requests (0 ms)"]);
});

test("two answers of Herald's speakers are a hand-over for half a second, and then count against it", () => {
  const both = (requests: number) => judgementOf(...Array.from({ length: requests }, () => ["h1", "h2"])).doubles.length;
  deepEqual([both(51), both(52)], [0, 1]);
});

test("two answers of MetalLB's speakers are told and count against nobody", () => {
  const { doubles, lines } = judgementOf(["m1", "m2"]);
  deepEqual(doubles, []);
  match(lines.at(-1) ?? "", /MetalLB on m1 and MetalLB on m2/);
});

test("one lost request is no gap, two are", () => {
  match(judgementOf(["m1"], [], ["m1"]).lines[1] ?? "", /^0 gaps/);
  match(judgementOf(["m1"], [], [], ["m1"]).lines[1] ?? "", /^1 gaps, 20 ms in all, the longest 20 ms/);
});
