import { deepEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Member, MemberView } from "../membership/member-view.ts";
import { MindWorld } from "./fake/mind-world.ts";

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

/** Node n1, which announced n2's address, until n2 was there again. */
async function givingBack(t: TestContext, changes: Partial<MemberView> = {}): Promise<MindWorld> {
  const world = new MindWorld(undefined, true);
  t.after(() => world.stop());
  world.twoMembers();
  world.pool();
  world.service("web", ip);
  await world.start();
  world.mind.receive({ type: "members", view: view(died) });
  await world.pass(50);
  deepEqual(Object.keys(world.announced), ["default/web"]);
  world.mind.receive({ type: "members", view: view(lives, changes) });
  await world.pass(50);
  deepEqual(world.announced, {});
  return world;
}

const asked = ({ toBeat }: MindWorld): readonly unknown[] => toBeat.filter(({ type }) => type === "ask");
const takenOver = ({ posted }: MindWorld): readonly string[] =>
  posted.flatMap((message) => (message.type === "taken-over" ? message.ips : []));
const stand = (lapsing: boolean) => [{ address: ip, key: ip, score: 0, lapsing }];

test("a new owner that has not been heard announcing is asked, and when it stands for the address the wire gives it up", async (t) => {
  const world = await givingBack(t);
  deepEqual(asked(world), []);
  await world.pass(200);
  deepEqual(asked(world), [{ type: "ask", member: "n2", addresses: [ip], standing: false }]);
  deepEqual(takenOver(world), []);
  world.mind.receive({ type: "stood", by: "n2", stands: stand(false), denied: [] });
  deepEqual(takenOver(world), [ip]);
  await world.pass(1000);
  deepEqual(asked(world).length, 1);
});

test("one that stands only until another announces has not taken over", async (t) => {
  const world = await givingBack(t);
  await world.pass(200);
  world.mind.receive({ type: "stood", by: "n2", stands: stand(true), denied: [] });
  deepEqual(takenOver(world), []);
});

test("an address that is this node's again meanwhile is not given up", async (t) => {
  const world = await givingBack(t);
  await world.pass(200);
  world.mind.receive({ type: "members", view: view(died) });
  await world.pass(50);
  world.mind.receive({ type: "stood", by: "n2", stands: stand(false), denied: [] });
  deepEqual([Object.keys(world.announced), takenOver(world)], [["default/web"], []]);
});

test("a node that ends asks nobody: it answers until the new owner is heard announcing", async (t) => {
  const world = await givingBack(t, { standing: "leaving" });
  await world.pass(1000);
  deepEqual(asked(world), []);
});
