import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { hashText } from "../hash.ts";
import { agree, candidatesOf, DeathLog, nodeNames, percentile, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

/** For longer runs by hand. */
const largeCluster = Number(process.env["HERALD_SIMULATED_NODES"] ?? 1000);

for (const { count, deaths } of [
  { count: 3, deaths: 40 },
  { count: 5, deaths: 40 },
  { count: 50, deaths: 12 },
])
  test(`of ${count} nodes one dies: all know after 350 ms by half, and after 700 ms at worst`, (context) => {
    const names = nodeNames(count);
    const times: number[] = [];
    for (let seed = 1; seed <= deaths; seed += 1) {
      const world = new World({ seed });
      world.startJoined(names);
      world.run(200 + world.chance.below(100));
      const log = new DeathLog(world);
      log.kill(names[seed % count] ?? "");
      world.run(1000);
      times.push(...log.times());
    }
    context.diagnostic(`half ${percentile(times, 0.5).toFixed()} ms, worst ${Math.max(...times).toFixed()} ms`);
    ok(percentile(times, 0.5) <= 350);
    ok(Math.max(...times) <= 700);
  });

test("a large cluster is at rest with 40 packets a second from each node, and agrees within a second when each 20th dies", (context) => {
  const names = nodeNames(largeCluster);
  const world = new World({ seed: 7 });
  world.startJoined(names);
  world.run(500);
  world.sent.clear();
  world.run(1000);
  const most = Math.max(...world.sent.values());
  const log = new DeathLog(world);
  const dying = world.chance.some(names, largeCluster / 20);
  for (const name of dying) world.after(world.chance.below(500), () => log.kill(name));
  world.run(1500);
  const times = log.times();
  context.diagnostic(
    `${most} packets a second; half ${percentile(times, 0.5).toFixed()} ms, worst ${Math.max(...times).toFixed()} ms`,
  );
  ok(most <= 40);
  deepEqual(times.length, largeCluster / 20);
  ok(Math.max(...times) <= 1000);
  ok(agree(world, world.running, world.running, names));
});

test("nodes that die at the same moment are all known to be dead within a second", () => {
  const names = nodeNames(60);
  const world = new World({ seed: 3 });
  world.startJoined(names);
  const log = new DeathLog(world);
  for (const name of world.chance.some(names, 20)) log.kill(name);
  world.run(1000);
  ok(Math.max(...log.times()) <= 1000);
});

test("neighbours on the ring that die together are found by more and more at a time", () => {
  const names = nodeNames(80);
  const world = new World({ seed: 6 });
  world.startJoined(names);
  world.run(1000);
  const log = new DeathLog(world);
  const ring = [...names].sort((a, b) => hashText(a) - hashText(b));
  for (const name of ring.slice(10, 40)) log.kill(name);
  world.run(3000);
  ok(Math.max(...log.times()) <= 2000, `${Math.max(...log.times())}`);
});

test("deaths are known within a second though every tenth packet is lost", () => {
  const names = nodeNames(30);
  const world = new World({ seed: 5 });
  world.startJoined(names);
  world.segment.loss = 0.1;
  world.run(2000);
  const log = new DeathLog(world);
  for (const name of world.chance.some(names, 3)) log.kill(name);
  world.run(1000);
  ok(Math.max(...log.times()) <= 1000);
});

test("small clusters send 40 packets a second at most, too", () => {
  for (const count of [2, 3, 4, 5, 20]) {
    const names = nodeNames(count);
    const world = new World({ seed: count });
    world.startJoined(names);
    world.run(2000);
    world.sent.clear();
    world.run(10_000);
    ok(Math.max(...world.sent.values()) <= 400, `${count} nodes: ${Math.max(...world.sent.values()) / 10}`);
  }
});

test("a dead node that stays away costs the others next to nothing", () => {
  const names = nodeNames(20);
  const world = new World({ seed: 2 });
  world.startJoined(names);
  world.kill("node-3");
  world.run(5000);
  world.sent.clear();
  world.run(10_000);
  ok(Math.max(...world.sent.values()) <= 400);
});

test("a speaker that says goodbye is gone at once, and was no candidate before", () => {
  const names = nodeNames(5);
  const world = new World({ seed: 4 });
  world.startJoined(names);
  world.stop("node-1", 200);
  world.run(5);
  deepEqual(world.machine("node-0").view().members.get("node-1"), {
    alive: true,
    dead: false,
    candidate: false,
    facts: new Uint8Array(),
    reason: "it is being stopped",
  });
  world.run(190);
  ok(world.machine("node-0").holdsAlive("node-1"));
  const others = names.filter((name) => name !== "node-1");
  ok((timeUntil(world, () => agree(world, others, others, names), 20, 1) ?? 99) < 10);
});

const goings: Readonly<Record<string, (world: World, name: string) => void>> = {
  died: (world, name) => world.kill(name),
  "stands still": (world, name) => world.event(name, { type: "wire", alive: false }),
};
for (const [what, go] of Object.entries(goings))
  test(`a node that is about to come out of damping waits while others take what one had that ${what}`, () => {
    for (const count of [3, 5]) {
      const names = nodeNames(count);
      const world = new World({ seed: 80 + count });
      world.startJoined(names);
      world.run(1000);
      world.stall("node-0", 1000);
      world.run(5500); // it was given up, lives again, and would be a candidate half a second from now
      const living = names.filter((name) => name !== "node-1");
      const isBack = (): boolean => living.every((name) => candidatesOf(world, name).includes("node-0"));
      equal(isBack(), false);
      go(world, "node-1");
      ok((timeUntil(world, isBack, 5000) ?? 0) > 1900, `of ${count}`);
    }
  });
