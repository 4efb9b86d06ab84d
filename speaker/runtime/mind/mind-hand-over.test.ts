import { deepEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Member, MemberView } from "../../membership/member-view.ts";
import { MindWorld } from "../fake/mind-world.ts";

/** By hash n2's, where both live. */
const ip = "192.0.2.10";
const lives: Member = { alive: true, dead: false, candidate: true, facts: undefined, reason: "it lives" };
const died: Member = { ...lives, alive: false, dead: true, candidate: false };

function view(n2: Member, changes: Partial<MemberView> = {}): MemberView {
  const good = { conduct: "member", company: "together", standing: "candidate", source: "messages", remarks: [] } as const;
  const members = new Map([
    ["n1", lives],
    ["n2", n2],
  ]);
  return { generation: 1, ...good, members, ...changes };
}

/** Node n1, which has told the wire of nothing yet. */
async function started(t: TestContext): Promise<MindWorld> {
  const world = new MindWorld(undefined, true);
  t.after(() => world.stop());
  world.twoMembers();
  world.pool();
  world.service("web", ip);
  await world.start();
  return world;
}

async function say(world: MindWorld, told: MemberView): Promise<void> {
  world.mind.receive({ type: "members", view: told });
  await world.pass(50);
}

/** What was told of the Service: relieves, handOver, both or neither. */
const told = ({ posted }: MindWorld): readonly (readonly string[])[] =>
  posted.flatMap((message) =>
    message.type === "changes"
      ? message.changes.map(({ handOver, relieves }) => [...(handOver ? ["handOver"] : []), ...(relieves ? ["relieves"] : [])])
      : [],
  );

test("what a dead node announced is taken at once, and given back to be answered for until it is back and announces", async (t) => {
  const world = await started(t);
  await say(world, view(lives));
  await say(world, view(died));
  await say(world, view(lives));
  deepEqual(told(world), [[], ["handOver"]]);
});

test("who stands in though it died lately answers on for its like, and not for one that takes addresses at once", async (t) => {
  for (const standing of ["damped", "returning"] as const)
    for (const candidate of [true, false]) {
      const world = await started(t);
      await say(world, view(lives));
      await say(world, view(died, { standing }));
      const members = new Map([
        ["n1", { ...lives, candidate }],
        ["n2", lives],
      ]);
      await say(world, view(lives, { standing, members }));
      deepEqual(told(world), [[], candidate ? ["handOver"] : []]);
    }
});

test("what a node announces that lives is taken with regard to it", async (t) => {
  const world = await started(t);
  await say(world, view(lives));
  await say(world, view(died));
  await say(world, view(lives));
  world.posted.length = 0;
  world.service("web", "192.0.2.11"); // by hash n1's
  await world.pass(50);
  deepEqual(told(world), [["relieves"]]);
});

test("a fresh speaker does not know whom it relieves, and takes everything with regard to those that live", async (t) => {
  const world = await started(t);
  world.service("web", "192.0.2.11");
  await say(world, view(lives));
  deepEqual(told(world), [["relieves"]]);
});

test("a fresh speaker that is alone takes everything at once", async (t) => {
  const world = await started(t);
  await say(world, view(died));
  deepEqual(told(world), [[]]);
});

test("what nobody announced is taken at once", async (t) => {
  const world = await started(t);
  await say(world, view(lives));
  world.service("dns", "192.0.2.11");
  await world.pass(300); // it is probed for first
  deepEqual(told(world), [[]]);
});

test("a node that was cut off and hears the others is hushed before anything is decided", async (t) => {
  const world = await started(t);
  await say(world, view(died));
  await say(world, view(lives, { conduct: "joining" }));
  deepEqual(
    world.posted.filter(({ type }) => type === "hush"),
    [],
    "it was not cut off",
  );
  await say(world, view(died, { conduct: "freeze", company: "cut-off" }));
  world.posted.length = 0;
  world.mind.receive({ type: "members", view: view(lives, { conduct: "joining" }) });
  deepEqual(world.posted, [{ type: "hush" }]);
});
