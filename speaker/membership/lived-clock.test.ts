import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { GapMemory } from "./gap-memory.ts";
import { LivedClock, maxStepMs } from "./lived-clock.ts";
import { SteadyCount } from "./steady-count.ts";
import { gapMemoryMs, steadyMs } from "./timing.ts";

test("time that passes in short steps is lived", () => {
  const clock = new LivedClock(1000);
  deepEqual([clock.advance(1050), clock.advance(1100)], [0, 0]);
  equal(clock.lived, 100);
  equal(clock.nowAt(130), 1130);
});

test("of a pause only the shortest part is lived", () => {
  const clock = new LivedClock(0);
  equal(clock.advance(2000), 2000 - maxStepMs);
  equal(clock.lived, maxStepMs);
  equal(clock.nowAt(maxStepMs + 10), 2010);
});

test("what comes much later than it was due is lived until then, and what is a little late in full", () => {
  const clock = new LivedClock(0);
  equal(clock.advance(50, 20), 20);
  equal(clock.lived, 30);
  equal(clock.advance(75, 70), 0);
  equal(clock.advance(100, 60), 15, "due before the last step");
});

test("a clock that goes back, or is none, stands still", () => {
  const clock = new LivedClock(1000);
  for (const now of [500, Number.NaN, Number.NEGATIVE_INFINITY]) equal(clock.advance(now), 0);
  equal(clock.lived, 0);
  clock.advance(1010);
  equal(clock.lived, 10);
});

test("the longest pause is remembered for a while, and then forgotten", () => {
  const gaps = new GapMemory(0);
  gaps.add(250, 10);
  gaps.add(100, 20);
  equal(gaps.longest(gapMemoryMs), 250);
  equal(gaps.longest(2 * gapMemoryMs), 0);
});

test("a number of nodes counts at once when it falls, and after a while when it grows", () => {
  const steady = new SteadyCount();
  steady.update(5, 0);
  equal(steady.value, 1);
  steady.update(5, steadyMs);
  equal(steady.value, 5);
  steady.update(3, steadyMs + 1);
  steady.update(5, steadyMs + 2);
  equal(steady.value, 3);
  steady.update(5, 2 * steadyMs + 2);
  equal(steady.value, 5);
});
