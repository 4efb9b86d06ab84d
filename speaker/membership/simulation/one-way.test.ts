import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { hashText } from "../hash.ts";
import { agree, candidatesOf, DeathLog, nodeNames, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

for (const count of [3, 4, 5, 12])
  test(`of ${count} nodes one is no longer heard: all hold it dead, and it holds itself damped`, () => {
    const names = nodeNames(count);
    const world = new World({ seed: count });
    world.startJoined(names);
    world.run(1000);
    world.segment.cutOneWay("node-0", "*");
    world.run(1000);
    const others = names.slice(1);
    ok(agree(world, others, others, names));
    for (let i = 0; i < 60; i += 1) {
      world.run(500);
      ok(!candidatesOf(world, "node-0").includes("node-0"), `after ${i / 2} s`);
    }
    world.segment.mendOneWay("node-0", "*");
    const took = timeUntil(world, () => agree(world, names, names, names), 5000);
    ok(took !== undefined && took <= 1500, `${took}`);
  });

for (const count of [3, 4, 5, 12])
  test(`of ${count} nodes one hears nothing any more: it says so, and nobody gives it addresses`, () => {
    const names = nodeNames(count);
    const world = new World({ seed: 20 + count });
    world.startJoined(names);
    world.run(1000);
    world.segment.cutOneWay("*", "node-0");
    world.run(1000);
    for (const name of names.slice(1)) deepEqual(new Set(candidatesOf(world, name)), new Set(names.slice(1)));
    equal(world.machine("node-0").view().conduct, "freeze");
    world.segment.mendOneWay("*", "node-0");
    const took = timeUntil(world, () => names.every((name) => candidatesOf(world, name).length === count), 8000);
    ok(took !== undefined, `${took}`);
  });

test("a node that was not heard for a while finds the next death as soon as ever: who held it dead was not pausing", () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const world = new World({ seed });
    world.startJoined(nodeNames(3));
    world.run(1000 + 13 * seed);
    world.segment.cutOneWay("node-0", "*");
    world.run(3000);
    world.segment.mendOneWay("node-0", "*");
    world.run(8000);
    const log = new DeathLog(world);
    log.kill("node-1");
    world.run(3000);
    ok(Math.max(...log.times()) <= 350, `${log.times()}`);
  }
});

for (const count of [2, 3, 5])
  test(`of ${count} nodes one hears nothing any more: the others know within 330 ms`, () => {
    const names = nodeNames(count);
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = new World({ seed });
      world.startJoined(names);
      world.run(1000 + world.chance.next() * 100);
      world.segment.cutOneWay("*", "node-0");
      const others = names.slice(1);
      const took = timeUntil(world, () => others.every((name) => !candidatesOf(world, name).includes("node-0")), 2000);
      ok(took !== undefined && took <= 330, `${took}`);
    }
  });

test("two nodes that do not hear each other hold each other alive by the word of the third", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 41 });
  world.startJoined(names);
  world.run(1000);
  world.segment.cutOneWay("node-0", "node-1");
  world.segment.cutOneWay("node-1", "node-0");
  for (let i = 0; i < 100; i += 1) {
    world.run(100);
    ok(agree(world, names, names, names));
  }
});

test("a node that one other does not hear lives by the word of the rest", () => {
  const names = nodeNames(6);
  const world = new World({ seed: 42 });
  world.startJoined(names);
  world.run(1000);
  for (const name of names) if (name !== "node-0") world.segment.cutOneWay("node-0", name === "node-5" ? name : "nobody");
  world.run(20_000);
  ok(agree(world, names, names, names));
});

test("a node that none of its watchers hears lives by the word of those who hear it", () => {
  const names = nodeNames(12);
  const world = new World({ seed: 44 });
  world.startJoined(names);
  world.run(1000);
  const ring = [...names].sort((a, b) => hashText(a) - hashText(b));
  const place = ring.indexOf("node-0");
  for (let i = 1; i <= 3; i += 1) world.segment.cutOneWay("node-0", ring[(place + i) % ring.length] ?? "");
  for (let i = 0; i < 50; i += 1) {
    world.run(100);
    ok(agree(world, names, names, names), `after ${i / 10} s`);
  }
});

test("a node whose packets are filtered on their way takes nothing, though the segment answers it", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 45 });
  world.startJoined(names);
  world.run(1000);
  world.segment.filterOut("node-0");
  world.run(1000);
  for (let i = 0; i < 60; i += 1) {
    world.run(500);
    ok(!candidatesOf(world, "node-0").includes("node-0"), `after ${i / 2} s`);
  }
});

test("random one-way cuts between some pairs of ten never split the view", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const names = nodeNames(10);
    const world = new World({ seed });
    world.startJoined(names);
    world.run(1000);
    for (let i = 0; i < 6; i += 1) {
      const [from = "", to = ""] = world.chance.some(names, 2);
      world.segment.cutOneWay(from, to);
    }
    world.run(20_000);
    const [first = ""] = names;
    ok(names.every((name) => world.machine(name).digest() === world.machine(first).digest()));
  }
});

test("where the port is filtered, those who answer for their addresses stay", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 43 });
  world.startJoined(names);
  world.run(1000);
  world.seen = (_asker, silent) => silent.filter((name) => name !== "node-2");
  for (const name of names) world.segment.filter(name);
  world.run(1000);
  const view = world.machine("node-0").view();
  equal(view.company, "deaf");
  deepEqual(candidatesOf(world, "node-0"), ["node-0", "node-1"]);
  deepEqual(view.remarks, ["no other speaker is heard, though some answer for addresses: let UDP on the membership port pass"]);
});
