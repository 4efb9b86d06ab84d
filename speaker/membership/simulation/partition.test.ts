import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { agree, candidatesOf, nodeNames, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

/** For longer runs by hand. */
const nodes = Number(process.env["HERALD_SIMULATED_NODES"] ?? 80);

/** A world that is cut in two, and milliseconds until each part agreed on itself. */
function splitWorld(count: number, first: number, seed: number) {
  const names = nodeNames(count);
  const world = new World({ seed });
  world.startJoined(names);
  world.run(6000);
  const chosen = world.chance.some(names, first);
  const sides = [chosen, names.filter((name) => !chosen.includes(name))] as const;
  world.segment.split(sides, [1]);
  const took = timeUntil(world, () => sides.every((side) => agree(world, side, side, names)), 6000, 50);
  return { names, world, sides, took };
}

for (const { count, first } of [
  { count: nodes, first: nodes / 2 },
  { count: nodes, first: nodes / 10 },
  { count: 5, first: 2 },
  { count: 4, first: 2 },
])
  test(`${count} nodes are cut into ${first} and the rest: each part agrees within 5 s, and all do within 5 s of the heal`, (context) => {
    const { names, world, took } = splitWorld(count, first, count);
    ok(took !== undefined && took <= 5000);
    world.run(8_000);
    world.segment.heal();
    const healed = timeUntil(world, () => agree(world, names, names, names), 6000, 20);
    context.diagnostic(`cut ${took} ms, heal ${healed} ms`);
    ok(healed !== undefined && healed <= 5000);
    world.run(10_000);
    ok(agree(world, names, names, names));
    deepEqual(candidatesOf(world, names[0] ?? "").length, count);
  });

test("after a heal the smaller part is damped, the larger one was never away", () => {
  const { names, world, sides } = splitWorld(7, 2, 31);
  world.run(5000);
  world.segment.heal();
  world.run(1000);
  for (const name of names) deepEqual(new Set(candidatesOf(world, name)), new Set(sides[1]));
  world.run(6000);
  for (const name of names) equal(candidatesOf(world, name).length, 7);
});

test("after a cut into halves nobody is damped, and nobody gives up one of its own part", () => {
  const { names, world, sides } = splitWorld(6, 3, 32);
  world.run(10_000);
  const givenUp: string[] = [];
  world.onView = (viewer, machine) => {
    const own = sides.find((side) => side.includes(viewer)) ?? [];
    givenUp.push(...own.filter((name) => !machine.holdsAlive(name)));
  };
  world.segment.heal();
  world.run(1000);
  deepEqual(givenUp, []);
  for (const name of names) equal(candidatesOf(world, name).length, 6);
});

test("two of three die at once and the third takes all: it asks the segment", () => {
  const world = new World({ seed: 33 });
  world.startJoined(nodeNames(3));
  world.run(1000);
  world.kill("node-0");
  world.kill("node-1");
  const took = timeUntil(world, () => candidatesOf(world, "node-2").length === 1, 2000, 5);
  ok(took !== undefined && took <= 350, `${took}`);
  const { conduct, company } = world.machine("node-2").view();
  deepEqual({ conduct, company }, { conduct: "member", company: "alone" });
});

test("of five, three die at once and the other two agree within 700 ms", () => {
  const names = nodeNames(5);
  for (let seed = 1; seed <= 10; seed += 1) {
    const world = new World({ seed });
    world.startJoined(names);
    world.run(1000);
    const dying = world.chance.some(names, 3);
    for (const name of dying) world.kill(name);
    const rest = names.filter((name) => !dying.includes(name));
    const took = timeUntil(world, () => agree(world, rest, rest, names), 2000, 5);
    ok(took !== undefined && took <= 700, `${took}`);
  }
});

for (const count of [2, 3, 5])
  test(`of ${count} nodes one is unplugged: it keeps what it has and takes nothing, and comes back as a fresh speaker`, () => {
    const names = nodeNames(count);
    const world = new World({ seed: 40 + count });
    world.startJoined(names);
    world.run(1000);
    const conducts: string[] = [];
    const before = candidatesOf(world, "node-0").length;
    world.segment.unplug("node-0");
    for (let i = 0; i < 40; i += 1) {
      world.run(50);
      conducts.push(world.machine("node-0").view().conduct);
    }
    deepEqual([...new Set(conducts)], ["member", "freeze"]);
    equal(before, count);
    ok(agree(world, names.slice(1), names.slice(1), names));
    world.onView = (viewer, machine) => {
      if (viewer === "node-0") conducts.push(machine.view().conduct);
    };
    world.segment.plug("node-0");
    const took = timeUntil(world, () => agree(world, names, names, names), 2000);
    deepEqual([...new Set(conducts)], ["member", "freeze", "joining"]);
    ok(took !== undefined && took <= 1000, `${took}`);
    for (const name of names) deepEqual(candidatesOf(world, name), names.slice(1));
    world.run(6000);
    for (const name of names) equal(candidatesOf(world, name).length, count);
  });

test("a time in which a node heard nobody makes it no slower to miss the others", () => {
  for (const count of [2, 3]) {
    const names = nodeNames(count);
    const world = new World({ seed: 60 + count });
    world.startJoined(names);
    world.run(1000);
    world.segment.unplug("node-0");
    world.run(2000);
    world.segment.plug("node-0");
    world.run(3000);
    for (const name of names.slice(1)) world.kill(name);
    const took = timeUntil(world, () => names.slice(1).every((name) => !world.machine("node-0").holdsAlive(name)), 5000);
    ok(took !== undefined && took <= 350, `${took}`);
  }
});

test("a node that was cut off takes nothing in the second in which the segment is back before its peers", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 44 });
  world.startJoined(names);
  world.segment.unplug("node-0");
  world.run(3000);
  world.segment.filter("node-0");
  world.segment.plug("node-0");
  world.run(900);
  equal(world.machine("node-0").view().conduct, "freeze");
});

for (const downMs of [200, 250, 290, 350, 500, 800])
  test(`a link that is down for ${downMs} ms again and again makes its node no slower to miss another`, () => {
    const names = nodeNames(3);
    const world = new World({ seed: downMs });
    world.startJoined(names);
    world.run(10_000);
    for (let round = 0; round < 20; round += 1) {
      world.segment.unplug("node-0");
      world.run(downMs);
      world.segment.plug("node-0");
      world.run(1000 - downMs + world.chance.next() * 50);
    }
    world.run(10_000);
    world.kill("node-1");
    const took = timeUntil(world, () => ["node-0", "node-2"].every((name) => !world.machine(name).holdsAlive("node-1")), 5000);
    ok(took !== undefined && took <= 350, `${took}`);
  });

type Link = { readonly cut: (world: World) => void; readonly mend: (world: World) => void };

const wholeLink: Link = { cut: ({ segment }) => segment.unplug("node-0"), mend: ({ segment }) => segment.plug("node-0") };
const wayIn: Link = {
  cut: ({ segment }) => segment.cutOneWay("*", "node-0"),
  mend: ({ segment }) => segment.mendOneWay("*", "node-0"),
};

/** Moves of node-0 while its link is down for so many milliseconds of each second. */
function movesWhileFlapping(count: number, downMs: number, { cut, mend }: Link): number {
  const world = new World({ seed: 50 + count });
  world.startJoined(nodeNames(count));
  world.run(10_000);
  let moves = 0;
  let candidate = true;
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      world.run(50);
      const now = candidatesOf(world, "node-1").includes("node-0");
      if (now !== candidate) moves += 1;
      candidate = now;
    }
  };
  for (let second = 0; second < 60; second += 1) {
    cut(world);
    pass(downMs);
    mend(world);
    pass(1000 - downMs);
  }
  world.run(310_000);
  ok(candidatesOf(world, "node-1").includes("node-0"));
  return moves;
}

for (const count of [2, 3, 5])
  for (const downMs of [250, 300, 350, 400, 450, 500, 550, 600, 700, 900])
    test(`of ${count} nodes the link of one that is down for ${downMs} ms of each second makes two moves at most`, () => {
      const moves = movesWhileFlapping(count, downMs, wholeLink);
      ok(moves <= 2, `${moves} moves`);
    });

for (const count of [2, 3, 5])
  for (const downMs of [250, 300, 350, 500, 700, 900])
    test(`of ${count} nodes one that hears nothing for ${downMs} ms of each second makes two moves at most`, () => {
      const moves = movesWhileFlapping(count, downMs, wayIn);
      ok(moves <= 2, `${moves} moves`);
    });
