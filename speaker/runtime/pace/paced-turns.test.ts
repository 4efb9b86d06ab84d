import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { PacedTurns } from "./paced-turns.ts";

const half = { quotaMs: 50, periodMs: 100 };

/** Turns on a clock that a piece of work moves on by as long as it works; `done` has what ran, in order. */
function setUp(patienceMs = 0) {
  const clock = new FakeClock();
  const world = { usedMs: 0, passedMs: 0, restedMs: 0 };
  const done: string[] = [];
  const soon: (() => void)[] = [];
  const now = (): number => clock.monotonic() + world.passedMs;
  const turns = new PacedTurns({
    clock,
    now,
    usedMs: () => world.usedMs,
    patienceMs,
    yieldThen: (run) => soon.push(run),
    onRested: (ms) => {
      world.restedMs += ms;
    },
  });
  const piece = (name: string, ms = 0, then: () => void = () => undefined) => {
    return (): void => {
      world.usedMs += ms;
      world.passedMs += ms;
      done.push(name);
      then();
    };
  };
  /** One turn of the thread. */
  const turn = (): void => {
    for (const run of soon.splice(0)) run();
  };
  return { clock, world, done, turns, piece, turn, now };
}

test("each piece has a turn of its own, in the order in which they asked", () => {
  const { done, turns, piece, turn } = setUp();
  for (const name of ["a", "b", "c"]) turns.take(piece(name, 40));
  deepEqual(done, []);
  turn();
  deepEqual(done, ["a"]);
  turn();
  turn();
  turn();
  deepEqual(done, ["a", "b", "c"]);
});

test("a piece that asks again while it runs comes after those that wait", () => {
  const { done, turns, piece, turn } = setUp();
  turns.take(piece("a", 0, () => turns.take(piece("again"))));
  turns.take(piece("b"));
  for (let i = 0; i < 3; i++) turn();
  deepEqual(done, ["a", "b", "again"]);
  turns.take(piece("late"));
  turn();
  deepEqual(done, ["a", "b", "again", "late"]);
});

test("under a limit all pieces wait while one must rest, and the rest is told", async () => {
  const { clock, world, done, turns, piece, turn } = setUp();
  turns.follow(half);
  turns.take(piece("long", 30));
  turns.take(piece("a"));
  turns.take(piece("b"));
  for (let i = 0; i < 5; i++) turn();
  deepEqual(done, ["long"]);
  await clock.advance(100);
  deepEqual(done, ["long", "a"]);
  turn();
  deepEqual(done, ["long", "a", "b"]);
  ok(world.restedMs > 20 && world.restedMs <= 101, String(world.restedMs));
});

test("with patience they wait on while other threads use too much, and go on when it is over", async () => {
  const { clock, world, done, turns, piece, turn } = setUp(100);
  turns.follow(half);
  turns.take(piece("long", 30));
  turns.take(piece("a"));
  turn();
  turn();
  for (let ms = 0; ms < 90; ms += 10) {
    world.usedMs += 10;
    await clock.advance(10);
  }
  deepEqual([done, world.restedMs], [["long"], 0]);
  await clock.advance(20);
  deepEqual(done, ["long", "a"]);
  ok(world.restedMs >= 100 && world.restedMs < 110, String(world.restedMs));
});

test("a limit that is taken away while pieces wait lets them go on", async () => {
  const { clock, done, turns, piece, turn } = setUp();
  turns.follow(half);
  turns.take(piece("long", 30));
  turns.take(piece("a"));
  turn();
  turn();
  turns.follow(undefined);
  await clock.advance(100);
  for (let i = 0; i < 10; i++) turns.take(piece("more", 30));
  for (let i = 0; i < 10; i++) turn();
  equal(done.length, 12);
});

test("work without end uses less than the quota over any period, and goes on", async () => {
  const { clock, world, done, turns, piece, turn, now } = setUp();
  turns.follow(half);
  const uses: { readonly at: number; readonly ms: number }[] = [];
  const again = (): void => {
    uses.push({ at: now(), ms: 2 });
    turns.take(piece("slice", 2, again));
  };
  again();
  while (now() < 5_000) {
    turn();
    await clock.advance(1);
  }
  const most = Math.max(
    ...uses.map(({ at }) =>
      uses.filter((use) => use.at >= at && use.at < at + half.periodMs).reduce((sum, { ms }) => sum + ms, 0),
    ),
  );
  ok(most <= half.quotaMs, `${most} ms in a period`);
  ok(done.length > 100, String(done.length));
  ok(world.usedMs / now() > 0.15, String(world.usedMs / now()));
});
