import { deepEqual, equal } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { formatAddress } from "../../../crds/net/address.ts";
import { encodeMemberFacts } from "../../codec/membership-facts.ts";
import type { Member, MemberView } from "../../membership/member-view.ts";
import { MindWorld } from "../fake/mind-world.ts";

/** By hash n1, this node, owns it before n2. */
const ip = "192.0.2.11";
const nodeAddresses = { n1: "198.51.100.1", n2: "198.51.100.2" };
const memberMac = "02:00:00:00:00:02";
const foreignMac = "02:ff:00:00:00:01";

function member(number: number, changes: Partial<Member> = {}): Member {
  const interfaces = [{ name: "eth0", mac: Uint8Array.of(2, 0, 0, 0, 0, number), prefixes: [] }];
  const facts = encodeMemberFacts({ interfaces, setAside: [], complete: true });
  return { alive: true, dead: false, candidate: true, facts, reason: "it lives", ...changes };
}

function view(changes: Partial<MemberView>, n1: Partial<Member> = {}, n2: Partial<Member> = {}): MemberView {
  const members = new Map([
    ["n1", member(1, n1)],
    ["n2", member(2, n2)],
  ]);
  const good = { conduct: "member", company: "together", standing: "candidate", source: "messages", remarks: [] } as const;
  return { generation: 1, ...good, members, ...changes };
}

/** Nodes n1 (this one), which is damped, and n2, which owns the address. */
async function damped(t: TestContext): Promise<MindWorld> {
  const world = new MindWorld(undefined, true, 150);
  t.after(() => world.stop());
  world.twoMembers(nodeAddresses);
  world.pool();
  world.service("dns", ip);
  await world.start();
  await say(world, view({ standing: "damped" }, { candidate: false }));
  deepEqual(world.announced, {});
  return world;
}

async function say(world: MindWorld, told: MemberView): Promise<void> {
  world.mind.receive({ type: "members", view: told });
  await world.pass(50);
}

/** Ends a probe: who answered for the address. */
async function answer(world: MindWorld, mac: string | undefined, address = ip): Promise<void> {
  const sightings = mac === undefined ? [] : [{ ip: address, mac, form: "arp-reply", interface: "eth0" } as const];
  world.mind.receive({ type: "probed", ip: address, sightings });
  await world.pass(50);
}

const probed = ({ posted }: MindWorld): readonly string[] =>
  posted.flatMap((message) =>
    message.type === "probe" ? message.announcements.map(({ address }) => formatAddress(address)) : [],
  );
const announces = (world: MindWorld): boolean => Object.keys(world.announced).length > 0;

test("a deaf node whose damping ends does not elect itself while the owner's hardware address answers", async (t) => {
  const world = await damped(t);
  await say(world, view({ company: "deaf" }));
  deepEqual([announces(world), probed(world)], [false, [ip]]);
  for (let round = 0; round < 10; round += 1) {
    await answer(world, memberMac);
    await world.pass(450);
    equal(announces(world), false);
  }
  deepEqual((world.mind.rivals.state() as { readonly answered?: unknown }).answered, [ip]);
  equal(world.recorded.filter((text) => text.includes("AddressConflict")).length, 0);
});

test("a deaf node takes an address when its owner does not answer any more", async (t) => {
  const world = await damped(t);
  await say(world, view({ company: "deaf" }));
  await answer(world, memberMac);
  equal(announces(world), false);
  await answer(world, undefined);
  equal(announces(world), true);
});

test("a foreign machine keeps a deaf node from nothing", async (t) => {
  const world = await damped(t);
  await say(world, view({ company: "deaf" }));
  await answer(world, foreignMac);
  equal(announces(world), true);
});

test("a node that was deaf stays careful when nobody answers for a moment", async (t) => {
  const world = await damped(t);
  await say(world, view({ company: "deaf", standing: "damped" }, { candidate: false }));
  await say(world, view({ company: "alone" }, {}, { alive: false, dead: true, candidate: false }));
  await world.pass(300);
  await answer(world, memberMac);
  equal(announces(world), false);
});

test("nodes that hold each other dead ask one after the other, as they would be elected", async (t) => {
  const world = await damped(t);
  world.service("web", "192.0.2.10"); // n2's, by hash
  await world.pass(50);
  await say(world, view({ company: "deaf" }, {}, { alive: false, dead: true, candidate: false }));
  deepEqual(probed(world), [ip]);
  await world.pass(250);
  deepEqual(probed(world), [ip, "192.0.2.10"]);
});

test("who hears the others again takes what is its own when it is not answered for, or when all must have been heard", async (t) => {
  for (const mac of [undefined, memberMac]) {
    const world = await damped(t);
    await say(world, view({ company: "deaf" }));
    await answer(world, memberMac);
    await say(world, view({}));
    equal(announces(world), false);
    await answer(world, mac);
    equal(announces(world), mac === undefined);
    await world.pass(1000);
    await answer(world, memberMac);
    equal(announces(world), true);
  }
});

test("a node whose peers fall silent all at once takes over without a question", async (t) => {
  const world = await damped(t);
  await say(world, view({}, { candidate: false }));
  await say(world, view({ company: "alone" }, {}, { alive: false, dead: true, candidate: false }));
  deepEqual([announces(world), probed(world)], [true, []]);
});

test("speakers that were never heard are known by the hardware address that answers for their own address", async (t) => {
  const world = await damped(t);
  const fromApi = { source: "api", company: "together" } as const;
  await say(world, view(fromApi, { facts: undefined }, { facts: undefined }));
  deepEqual(probed(world), [nodeAddresses.n2, ip]);
  const mac = "02:00:00:00:aa:02";
  await answer(world, mac, nodeAddresses.n2);
  await answer(world, mac);
  equal(announces(world), false);
  await answer(world, foreignMac);
  equal(announces(world), true);
});

test("a speaker that is being stopped is not waited for: it waits for the next owner", async (t) => {
  const world = await damped(t);
  await say(world, view({ company: "deaf" }));
  world.speaker("n2", false, nodeAddresses.n2, true);
  await world.pass(50);
  await answer(world, memberMac);
  equal(announces(world), true);
});

test("what a deaf node announces stays, and is not asked for", async (t) => {
  const world = await damped(t);
  await say(world, view({}));
  equal(announces(world), true);
  await say(world, view({ company: "deaf" }, {}, { alive: false, dead: true, candidate: false }));
  await world.pass(500);
  deepEqual([announces(world), probed(world)], [true, []]);
});

test("the only speaker of a cluster never heard any other, and asks nobody", async (t) => {
  const world = new MindWorld(undefined, true, 150);
  t.after(() => world.stop());
  world.node("n1");
  world.speaker("n1", true, nodeAddresses.n1);
  world.pool();
  world.service("dns", ip);
  await world.start();
  await say(world, { ...view({ source: "api" }), members: new Map([["n1", member(1, { facts: undefined })]]) });
  deepEqual([announces(world), probed(world)], [true, []]);
});

for (const [standing, handsOver] of [
  ["candidate", undefined],
  ["leaving", true],
] as const)
  test(`a node that never heard the others gives an address up ${handsOver ? "when the next one announces, as it goes" : "at once"}`, async (t) => {
    const world = await damped(t);
    await say(world, view({}));
    equal(announces(world), true);
    await say(world, view({ source: "api", standing }, { candidate: false, facts: undefined }, { facts: undefined }));
    const gone = world.posted.flatMap((message) => (message.type === "changes" ? message.changes : [])).at(-1);
    deepEqual([gone?.announcements.length, gone?.handOver], [0, handsOver]);
  });
