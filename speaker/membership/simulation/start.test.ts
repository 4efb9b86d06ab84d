import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { agree, candidatesOf, nodeNames, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

const conductOf = (world: World, name: string) => world.machine(name).view().conduct;

test("a fresh speaker owns nothing before it has heard what the others hold, and that takes milliseconds", () => {
  const names = nodeNames(20);
  const world = new World({ seed: 1 });
  world.startJoined(names.slice(0, 19));
  world.setPods(names);
  world.start("node-19");
  equal(conductOf(world, "node-19"), "joining");
  const took = timeUntil(world, () => conductOf(world, "node-19") === "member", 1000, 1);
  ok(took !== undefined && took <= 100, `${took}`);
  world.run(50);
  ok(agree(world, names, names, names));
  for (const name of names) equal(candidatesOf(world, name).length, 20);
});

test("a speaker that has no other Pod takes part at once", () => {
  const world = new World({ seed: 2 });
  world.setPods(["node-0"]);
  world.start("node-0");
  world.run(10);
  equal(conductOf(world, "node-0"), "member");
  deepEqual(candidatesOf(world, "node-0"), ["node-0"]);
});

test("where nobody answers, a fresh speaker waits 5 s, and then the Ready nodes share the addresses", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 3 });
  world.setPods(names, ["node-2"]);
  for (const name of names) world.segment.filter(name);
  world.start("node-0");
  world.run(4900);
  equal(conductOf(world, "node-0"), "joining");
  world.run(200);
  const view = world.machine("node-0").view();
  deepEqual([view.conduct, view.source, view.company], ["member", "api", "together"]);
  deepEqual(candidatesOf(world, "node-0"), ["node-0", "node-1"]);
  equal(view.members.get("node-1")?.reason, "its Pod is Ready; its speaker was never heard");
  equal(view.remarks.length, 1);
  world.setPods(names);
  deepEqual(candidatesOf(world, "node-0"), names);
});

test("a fresh speaker that is not on the segment at all never takes part, until it is", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 18 });
  world.setPods(names);
  world.segment.unplug("node-0");
  world.start("node-0");
  world.run(30_000);
  equal(conductOf(world, "node-0"), "joining");
  world.segment.plug("node-0");
  world.run(3000);
  equal(conductOf(world, "node-0"), "member");
});

test("a fresh speaker that hears and is not heard takes no addresses", () => {
  const names = nodeNames(4);
  const world = new World({ seed: 19 });
  world.startJoined(names.slice(0, 3));
  world.setPods(names);
  world.segment.cutOneWay("node-3", "*");
  world.start("node-3");
  world.run(20_000);
  equal(conductOf(world, "node-3"), "joining");
  world.segment.mendOneWay("node-3", "*");
  ok((timeUntil(world, () => candidatesOf(world, "node-0").includes("node-3"), 5000) ?? 9999) < 1500);
});

test("a fresh speaker is introduced by the one that it asked, so that not everybody asks it", () => {
  const names = nodeNames(60);
  const world = new World({ seed: 20 });
  world.startJoined(names.slice(0, 59));
  world.setPods(names);
  let answers = 0;
  world.onSend = (from, _to, { type }) => {
    if (from === "node-59" && (type === "answer" || type === "page")) answers += 1;
  };
  world.start("node-59");
  world.run(300);
  ok(agree(world, names, names, names));
  ok(answers <= 20, `${answers}`);
});

test("a speaker that the API tells nothing waits 5 s", () => {
  const world = new World({ seed: 4 });
  world.start("node-0");
  world.run(4900);
  equal(conductOf(world, "node-0"), "joining");
  world.run(200);
  equal(conductOf(world, "node-0"), "member");
});

for (const count of [2, 3, 30])
  test(`${count} speakers that start together find each other within a second`, () => {
    const names = nodeNames(count);
    const world = new World({ seed: 5 + count });
    world.setPods(names);
    for (const name of names) world.after(world.chance.below(300), () => world.start(name));
    world.run(301);
    const took = timeUntil(world, () => names.every((name) => candidatesOf(world, name).length === count), 5000);
    ok(took !== undefined && took <= 1000, `${took}`);
    ok(agree(world, names, names, names));
  });

test("a speaker whose API knows no Pods is found through one that knows it", () => {
  const names = nodeNames(4);
  const world = new World({ seed: 9 });
  world.setPods(names);
  for (const name of names) world.start(name);
  world.event("node-3", { type: "speakers", pods: [] });
  const took = timeUntil(world, () => agree(world, names, names, names), 3000);
  ok(took !== undefined && took <= 1500, `${took}`);
});

test("a speaker that starts again before it was missed is a fresh one, and is not damped", () => {
  const names = nodeNames(5);
  const world = new World({ seed: 10 });
  world.startJoined(names);
  world.run(1000);
  world.kill("node-2");
  world.start("node-2");
  equal(conductOf(world, "node-2"), "joining");
  world.run(1000);
  ok(agree(world, names, names, names));
  for (const name of names) equal(candidatesOf(world, name).length, 5);
});

test("a speaker that crashes again and again waits longer each time, up to 5 minutes", () => {
  const names = nodeNames(4);
  const world = new World({ seed: 11 });
  world.startJoined(names);
  world.run(1000);
  const waits: number[] = [];
  for (let crash = 0; crash < 8; crash += 1) {
    world.kill("node-1");
    world.run(1000);
    world.start("node-1");
    const took = timeUntil(world, () => candidatesOf(world, "node-0").includes("node-1"), 400_000, 100) ?? Number.NaN;
    waits.push(Math.round(took / 1000));
  }
  deepEqual(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
});

test("after an hour without a death the next wait is 5 s again", () => {
  const names = nodeNames(2);
  const world = new World({ seed: 12 });
  world.startJoined(names);
  world.run(1000);
  const crash = () => {
    world.kill("node-1");
    world.run(1000);
    world.start("node-1");
    return Math.round((timeUntil(world, () => candidatesOf(world, "node-0").includes("node-1"), 60_000, 100) ?? 0) / 1000);
  };
  deepEqual([crash(), crash()], [5, 10]);
  world.run(3_650_000);
  equal(crash(), 5);
});

test("a node that died lately takes addresses when nobody else does", () => {
  const names = nodeNames(2);
  const world = new World({ seed: 13 });
  world.startJoined(names);
  world.run(1000);
  world.kill("node-1");
  world.run(1000);
  world.start("node-1");
  world.run(500);
  deepEqual(candidatesOf(world, "node-1"), ["node-0"]);
  world.kill("node-0");
  world.run(500);
  deepEqual(candidatesOf(world, "node-1"), ["node-1"]);
  equal(
    world.machine("node-1").view().members.get("node-1")?.reason,
    "it died a moment ago and is not given addresses before it has lived for some seconds, but nobody else took addresses",
  );
});

test("a speaker that was stopped in good order is a candidate again at once", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 14 });
  world.startJoined(names);
  world.run(1000);
  world.stop("node-1", 100);
  world.run(2000);
  world.start("node-1");
  world.run(300);
  equal(candidatesOf(world, "node-0").length, 3);
});

test("a node whose wire stands still is given up at once, and is damped when it is back", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 15 });
  world.startJoined(names);
  world.run(1000);
  world.event("node-1", { type: "wire", alive: false });
  world.run(5);
  deepEqual(candidatesOf(world, "node-0"), ["node-0", "node-2"]);
  deepEqual(candidatesOf(world, "node-1"), ["node-0", "node-2"]);
  world.sent.clear();
  world.run(3000);
  equal(world.sent.get("node-1"), undefined);
  ok(!world.machine("node-0").holdsAlive("node-1"));
  world.event("node-1", { type: "wire", alive: true });
  world.run(1000);
  ok(agree(world, names, names, names));
  deepEqual(candidatesOf(world, "node-1"), ["node-0", "node-2"]);
  world.run(5000);
  equal(candidatesOf(world, "node-0").length, 3);
});

test("what a node tells of itself is known to all in milliseconds, also when it fills many packets", () => {
  const names = nodeNames(6);
  const world = new World({ seed: 16 });
  world.startJoined(names);
  const facts = new Uint8Array(5000).map((_, i) => i % 251);
  world.event("node-2", { type: "facts", facts });
  world.run(10);
  for (const name of names) deepEqual(world.machine(name).view().members.get("node-2")?.facts, facts);
  world.start("node-6");
  world.setPods([...names, "node-6"]);
  world.run(500);
  deepEqual(world.machine("node-6").view().members.get("node-2")?.facts, facts);
});

test("a node that does not want addresses is alive and no candidate", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 17 });
  world.startJoined(names);
  world.event("node-2", { type: "willing", willing: false });
  world.run(5);
  const { alive, candidate } = world.machine("node-0").view().members.get("node-2") ?? {};
  deepEqual([alive, candidate], [true, false]);
});
