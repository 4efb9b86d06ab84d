import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { heldAfterMs, judgeMind, judgeWire, mindHeldAfterMs, mindLostAfterMs } from "./watchdog.ts";

const view = { now: 10_000, lastTickAt: 10_000, watchingSince: 0, tapsAlive: true };
const held = { alive: false, reason: "held" };

for (const { rule, changes, verdict } of [
  { rule: "ticks and has its taps", changes: {}, verdict: { alive: true } },
  { rule: "ticked 1.5 s ago", changes: { now: 10_000 + heldAfterMs }, verdict: { alive: true } },
  { rule: "ticked longer ago", changes: { now: 10_001 + heldAfterMs }, verdict: held },
  { rule: "has lost its taps", changes: { tapsAlive: false }, verdict: { alive: false, reason: "no-taps" } },
  { rule: "is held and has lost its taps", changes: { now: 20_000, tapsAlive: false }, verdict: held },
  { rule: "has never ticked since the watch began", changes: { lastTickAt: undefined }, verdict: held },
  { rule: "has not ticked yet", changes: { lastTickAt: undefined, watchingSince: 9_500 }, verdict: { alive: true } },
]) {
  test(`a main thread that ${rule} is ${verdict.alive ? "alive" : "not alive"}`, () => {
    deepEqual(judgeWire({ ...view, ...changes }), verdict);
  });
}

for (const { rule, lastTickAt, now, verdict } of [
  { rule: "ticked 10 s ago", lastTickAt: 1, now: 1 + mindHeldAfterMs, verdict: "alive" },
  { rule: "ticked longer ago", lastTickAt: 1, now: 2 + mindHeldAfterMs, verdict: "held" },
  { rule: "ticked a minute ago", lastTickAt: 1, now: 1 + mindLostAfterMs, verdict: "held" },
  { rule: "ticked more than a minute ago", lastTickAt: 1, now: 2 + mindLostAfterMs, verdict: "lost" },
  { rule: "has not ticked yet", lastTickAt: undefined, now: 500 + mindHeldAfterMs, verdict: "alive" },
  { rule: "has never ticked since the watch began", lastTickAt: undefined, now: 501 + mindLostAfterMs, verdict: "lost" },
])
  test(`a mind that ${rule} is ${verdict}`, () => equal(judgeMind({ now, lastTickAt, watchingSince: 500 }), verdict));
