import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Received } from "../event.ts";
import { agree, nodeNames, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

/** A world of four that ran, and all packets that reached node-0, a death and a refutation among them. */
function recorded(seed: number) {
  const names = nodeNames(4);
  const world = new World({ seed });
  const packets: Received[] = [];
  world.onPacket = (to, packet) => {
    if (to === "node-0") packets.push(packet);
  };
  world.startJoined(names);
  world.run(2000);
  world.stall("node-2", 500);
  world.run(3000);
  world.kill("node-3");
  world.run(2000);
  world.onPacket = () => {};
  return { names, world, packets };
}

test("packets that were heard before change nothing", () => {
  const { world, packets } = recorded(1);
  const before = world.machine("node-0").view();
  for (const packet of packets) world.event("node-0", packet);
  equal(world.machine("node-0").view(), before);
});

test("packets from before a restart of the receiver change nothing in it", () => {
  const { world, packets } = recorded(2);
  world.kill("node-0");
  for (const name of ["node-1", "node-2"]) world.kill(name);
  world.run(1000);
  world.start("node-0");
  const before = world.machine("node-0").view();
  let sent = 0;
  world.onSend = () => {
    sent += 1;
  };
  for (const packet of packets) world.event("node-0", packet);
  equal(world.machine("node-0").view(), before);
  ok(packets.length > 100);
  ok(sent < 2 * packets.length, "at most an answer and a challenge for each");
});

test("packets from before a restart of their sender change nothing, and do not keep it alive", () => {
  const { names, world, packets } = recorded(3);
  world.kill("node-1");
  world.run(20);
  world.start("node-1");
  world.run(1000);
  const living = names.filter((name) => name !== "node-3");
  ok(agree(world, living, living, names));
  world.kill("node-1");
  const old = packets.filter(({ sender }) => sender === "node-1");
  for (const [i, packet] of old.entries()) world.after(i % 400, () => world.event("node-0", packet));
  const rest = ["node-0", "node-2"];
  const took = timeUntil(world, () => agree(world, rest, rest, names), 1000);
  ok(took !== undefined && took <= 400, `${took}`);
});

test("packets of a believed start that were heard before do not keep it alive", () => {
  const names = nodeNames(4);
  const world = new World({ seed: 8 });
  const packets: Received[] = [];
  world.startJoined(names);
  world.onPacket = (to, packet) => {
    if (to === "node-0" && packet.sender === "node-1") packets.push(packet);
  };
  world.run(3000);
  world.onPacket = () => {};
  world.kill("node-1");
  for (let at = 0; at < 1000; at += 10) {
    const packet = packets[at % packets.length];
    if (packet !== undefined) world.after(at, () => world.event("node-0", packet));
  }
  const took = timeUntil(world, () => !world.machine("node-0").holdsAlive("node-1"), 1000);
  ok(took !== undefined && took <= 320, `${took}`);
});

test("old packets of a dead node do not bring it back", () => {
  const { world, packets } = recorded(4);
  ok(!world.machine("node-0").holdsAlive("node-3"));
  const before = world.machine("node-0").view();
  for (const packet of packets.filter(({ sender }) => sender === "node-3")) {
    world.event("node-0", { ...packet, counter: packet.counter + 1_000_000, startId: "0".repeat(32) });
  }
  world.run(200);
  equal(world.machine("node-0").view(), before);
});

test("a flood of packets of unknown starts is answered with few challenges, and changes nothing", () => {
  const { world, packets } = recorded(5);
  world.run(1000);
  const before = world.machine("node-0").view();
  const kinds = new Map<string, number>();
  world.onSend = (from, _to, { type }) => {
    if (from === "node-0") kinds.set(type, (kinds.get(type) ?? 0) + 1);
  };
  const strange = packets.filter(({ message }) => message.type !== "probe");
  for (let i = 0; i < 5000; i += 1) {
    const packet = strange[i % strange.length];
    if (packet !== undefined) world.event("node-0", { ...packet, startId: world.chance.id(), counter: i + 1 });
  }
  deepEqual([...kinds.keys()], ["probe"]);
  ok((kinds.get("probe") ?? 0) <= 3);
  equal(world.machine("node-0").view(), before);
});

test("another process that answers under our name is noticed, and packets of our former starts are not", () => {
  const { world } = recorded(6);
  const beat = { type: "beat", incarnation: 1, generation: 1, digest: 0, claims: [] } as const;
  const rival = { type: "received", from: "elsewhere", sender: "node-0", startId: "f".repeat(32), counter: 1 } as const;
  let nonce = "";
  world.onSend = (_from, to, message) => {
    if (to === "elsewhere" && message.type === "probe") nonce = message.nonce;
  };
  world.event("node-0", { ...rival, message: beat });
  deepEqual(world.machine("node-0").view().remarks, []);
  ok(nonce !== "");
  world.event("node-0", {
    ...rival,
    counter: 2,
    message: { type: "answer", nonce },
  });
  deepEqual(world.machine("node-0").view().remarks, ["another speaker uses this node's name"]);
});
