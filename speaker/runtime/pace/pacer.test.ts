import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Pacer } from "./pacer.ts";

const half = { quotaMs: 50, periodMs: 100 };

/** A pacer whose time passes and whose CPU time is used as the test says; a rest takes as long as it is asked to. */
function setUp() {
  const world = { nowMs: 0, usedMs: 0, looks: 0, rests: [] as number[], told: 0 };
  const pacer = new Pacer({
    now: () => world.nowMs,
    usedMs: () => {
      world.looks++;
      return world.usedMs;
    },
    rest: (ms) => {
      world.rests.push(ms);
      world.nowMs += ms;
    },
    onRested: (ms) => {
      world.told += ms;
    },
  });
  const work = (ms: number): void => {
    world.nowMs += ms;
    world.usedMs += ms;
    pacer.pace();
  };
  return { pacer, world, work };
}

test("without a limit the thread never rests, and nobody looks at what is used", () => {
  const { world, work } = setUp();
  for (let i = 0; i < 1000; i++) work(5);
  deepEqual([world.rests, world.looks], [[], 0]);
});

test("under a limit the thread rests, so that it uses less than the quota, and says for how long", () => {
  const { pacer, world, work } = setUp();
  pacer.follow(half);
  for (let i = 0; i < 1000; i++) work(2);
  ok(world.usedMs / world.nowMs < 0.5);
  ok(world.rests.length > 0);
  ok(Math.abs(world.told - world.rests.reduce((sum, ms) => sum + ms, 0)) < 1e-6);
});

test("a limit that is taken away ends the rests", () => {
  const { pacer, world, work } = setUp();
  pacer.follow(half);
  work(40);
  const before = world.rests.length;
  pacer.follow(undefined);
  for (let i = 0; i < 100; i++) work(40);
  equal(world.rests.length, before);
});

test("who asks often has the processes' times looked at seldom", () => {
  const { pacer, world, work } = setUp();
  pacer.follow(half);
  for (let i = 0; i < 1000; i++) work(0.01);
  ok(world.looks < 50, String(world.looks));
});

test("slices of work are shorter under a limit, and never longer than usual", () => {
  const { pacer } = setUp();
  equal(pacer.sliceMs(10), 10);
  pacer.follow(half);
  ok(pacer.sliceMs(10) < 5);
  equal(pacer.sliceMs(1), 1);
});
