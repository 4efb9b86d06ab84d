import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { MemberView } from "../../membership/member-view.ts";
import { MindWorld } from "../fake/mind-world.ts";
import { type Described, viewOf } from "../fake/views.ts";

const inside: Described = { eth0: ["192.0.2.0/24"] };
const outside: Described = { eth0: ["198.51.100.0/24"] };
const here = { "default/web": ["c000020a"] };

/** n1's mind in a cluster with n2, whose beat is the test. */
async function worldOf(view: MemberView): Promise<MindWorld> {
  const world = new MindWorld(undefined, true);
  for (const name of ["n1", "n2"]) {
    world.node(name);
    world.speaker(name);
  }
  world.pool();
  world.service("web", "192.0.2.10");
  await world.start();
  await say(world, view);
  return world;
}

async function say(world: MindWorld, view: MemberView): Promise<void> {
  world.mind.receive({ type: "members", view });
  await world.pass(100);
}

const causes = ({ mind }: MindWorld): readonly string[] => mind.report.history.entries().map(({ event }) => event.cause);

test("an address goes to the node that reaches its subnet, and moves with what nodes say of themselves", async () => {
  const world = await worldOf(viewOf({ n1: inside, n2: outside }));
  deepEqual(world.announced, here);
  await say(world, viewOf({ n1: outside, n2: inside }));
  deepEqual([world.announced, causes(world)], [{}, ["start", "member-facts"]]);
  equal(world.mind.report.history.entries().at(-1)?.event.owner, "n2");
  world.stop();
});

test("the death of its owner is the cause of a move", async () => {
  const world = await worldOf(viewOf({ n1: outside, n2: inside }));
  await say(world, viewOf({ n1: outside, n2: "dead" }));
  deepEqual([world.announced, causes(world)], [here, ["member-died"]]);
  world.stop();
});

test("a node that has to join anew announces nothing until it has", async () => {
  const world = await worldOf(viewOf({ n1: inside, n2: outside }));
  await say(world, viewOf({ n1: inside, n2: outside }, { conduct: "joining" }));
  deepEqual(world.announced, {});
  await say(world, viewOf({ n1: inside, n2: outside }));
  deepEqual([world.announced, causes(world)], [here, ["start", "own-state", "own-state"]]);
  world.stop();
});

test("while no node reaches the subnet the owner says so, in an event and in a condition, until one does", async () => {
  const world = await worldOf(viewOf({ n1: outside, n2: "dead" }));
  deepEqual(world.announced, here);
  equal(world.recorded.filter((text) => text.startsWith("web Normal SubnetNotReached 192.0.2.10: ")).length, 1);
  deepEqual(
    world.mind.remarks().map(({ type }) => type),
    ["addressesUnreachable"],
  );
  const before = world.reports;
  await say(world, viewOf({ n1: { ...outside, eth1: [] }, n2: "dead" }));
  equal(world.reports, before, "nothing else is to be said");
  await say(world, viewOf({ n1: inside, n2: "dead" }));
  await world.pass(5_000);
  deepEqual([world.mind.remarks(), world.reports], [[], before + 1]);
  world.stop();
});

test("what is not as it should be between the speakers is a condition beside it", async () => {
  const world = await worldOf(viewOf({ n1: outside, n2: "dead" }, { remarks: ["a port is filtered"] }));
  deepEqual(
    world.mind.remarks().map(({ type }) => type),
    ["addressesUnreachable", "membershipDegraded"],
  );
  world.stop();
});
