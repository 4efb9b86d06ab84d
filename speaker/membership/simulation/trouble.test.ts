import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { agree, candidatesOf, nodeNames } from "./agreement.ts";
import { World } from "./world.ts";

/** The names of nodes that any node ever held as not living. */
function accused(world: World, names: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  world.onView = (_viewer, machine) => {
    for (const name of names) if (!machine.holdsAlive(name)) all.add(name);
  };
  return all;
}

/** Virtual minutes, for longer runs by hand. */
const lossMinutes = Number(process.env["HERALD_SIMULATED_MINUTES"] ?? 5);

test(`while every tenth packet is lost for ${lossMinutes} minutes, no node is declared dead`, () => {
  const names = nodeNames(8);
  const world = new World({ seed: 11 });
  world.startJoined(names);
  const dead = accused(world, names);
  world.segment.loss = 0.1;
  world.run(lossMinutes * 60_000);
  deepEqual([...dead], []);
});

test("while packets take 0 to 60 ms more by chance, no node is declared dead", () => {
  const names = nodeNames(8);
  const world = new World({ seed: 12 });
  world.startJoined(names);
  const dead = accused(world, names);
  world.segment.jitterMs = 60;
  world.run(60_000);
  deepEqual([...dead], []);
});

for (const count of [2, 3, 5, 20])
  test(`a node of ${count} that stands still accuses nobody`, () => {
    for (const [i, ms] of [100, 250, 400, 700, 1000, 2000].entries()) {
      const names = nodeNames(count);
      const world = new World({ seed: count + i });
      world.startJoined(names);
      world.run(500);
      const dead = accused(world, names);
      world.stall("node-0", ms);
      world.run(ms + 3000);
      deepEqual(
        [...dead].filter((name) => name !== "node-0"),
        [],
        `${ms} ms`,
      );
      ok(agree(world, names, names, names), `${ms} ms`);
    }
  });

test("a node that stood still until it was given up is damped", () => {
  for (const count of [2, 3, 5]) {
    const names = nodeNames(count);
    const world = new World({ seed: 70 + count });
    world.startJoined(names);
    world.run(1000);
    world.stall("node-0", 1000);
    world.run(1200);
    for (const name of names) equal(candidatesOf(world, name).includes("node-0"), false, `${name} of ${count}`);
    world.run(6000);
    for (const name of names) equal(candidatesOf(world, name).length, count);
  }
});

test("a node that stands still again and again accuses nobody", () => {
  const names = nodeNames(5);
  const world = new World({ seed: 21 });
  world.startJoined(names);
  const dead = accused(world, names);
  for (let i = 0; i < 100; i += 1) {
    world.stall("node-0", 20 + world.chance.below(200));
    world.run(250);
  }
  deepEqual(
    [...dead].filter((name) => name !== "node-0"),
    [],
  );
});

test("a node that paused for 180 ms lives, and then also for 260 ms", () => {
  const names = nodeNames(5);
  const world = new World({ seed: 22 });
  world.startJoined(names);
  world.run(1000);
  const dead = accused(world, names);
  for (const ms of [150, 180, 220, 260, 350]) {
    world.stall("node-1", ms);
    world.run(2000);
  }
  deepEqual([...dead], []);
});

test("all nodes stand still at once, as on a host that was asleep, and nobody is declared dead", () => {
  const names = nodeNames(5);
  const world = new World({ seed: 23 });
  world.startJoined(names);
  world.run(1000);
  const dead = accused(world, names);
  for (const name of names) world.stall(name, 5000);
  world.run(8000);
  deepEqual([...dead], []);
});

test("the same seed gives the same run", () => {
  const run = () => {
    const names = nodeNames(6);
    const world = new World({ seed: 24 });
    world.startJoined(names);
    world.segment.loss = 0.3;
    world.run(3000);
    return [...world.sent];
  };
  deepEqual(run(), run());
});

test("while every third packet is lost, views come together again and again", () => {
  const names = nodeNames(8);
  const world = new World({ seed: 25 });
  world.startJoined(names);
  world.segment.loss = 0.3;
  world.run(30_000);
  world.segment.loss = 0;
  world.run(2000);
  equal(agree(world, names, names, names), true);
});
