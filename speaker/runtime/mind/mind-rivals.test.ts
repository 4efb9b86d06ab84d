import { deepEqual, equal, match } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { encodeMemberFacts } from "../../codec/membership-facts.ts";
import type { Sighting } from "../../l2/conflict/sighting.ts";
import type { Member, MemberView } from "../../membership/member-view.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";

const ip = "192.0.2.11";
const macs = { n1: Uint8Array.of(2, 0, 0, 0, 0, 1), n2: Uint8Array.of(2, 0, 0, 0, 0, 2) };
const memberMac = "02:00:00:00:00:02";
const foreignMac = "02:ff:00:00:00:01";

function member(node: keyof typeof macs): Member {
  const facts = encodeMemberFacts({
    interfaces: [{ name: "eth0", mac: macs[node], prefixes: [] }],
    setAside: [],
    complete: true,
  });
  return { alive: true, dead: false, candidate: true, facts, reason: "it lives" };
}

const view: MemberView = {
  ...{ generation: 1, conduct: "member", company: "together", standing: "candidate", source: "messages", remarks: [] },
  members: new Map([
    ["n1", member("n1")],
    ["n2", member("n2")],
  ]),
};

/** Nodes n1 (this one) and n2; by hash n1 owns 192.0.2.11, and n2 owns 192.0.2.10. */
async function started(t: TestContext, policy = "report", addressProbeMs = 0): Promise<MindWorld> {
  const world = new MindWorld(undefined, true, addressProbeMs);
  t.after(() => world.stop());
  world.twoMembers();
  world.pool();
  setPolicy(world, policy);
  await world.start();
  world.mind.receive({ type: "members", view });
  await world.pass(100);
  return world;
}

function setPolicy(world: MindWorld, policy: string): void {
  world.api.put(resourceTypes.ipaddresspools, {
    ...{ apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool" },
    metadata: { name: "pool", namespace, annotations: { "herald-lb.io/conflict-policy": policy } },
    spec: { addresses: ["192.0.2.0/24"], avoidBuggyIPs: true },
  } as { readonly metadata: { readonly name: string } });
}

async function announcing(t: TestContext, policy?: string): Promise<MindWorld> {
  const world = await started(t, policy);
  world.service("dns", ip);
  await world.pass(100);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
  return world;
}

function seen(mac: string): Sighting {
  return { ip, mac, form: "arp-reply", interface: "eth0" };
}

async function sight(world: MindWorld, mac: string): Promise<void> {
  world.mind.receive({ type: "sighted", sightings: [seen(mac)], dropped: 0 });
  await world.pass(50);
}

const asked = ({ toBeat }: MindWorld): readonly string[] =>
  toBeat.flatMap((message) => (message.type === "ask" ? message.addresses : []));

const stands = (score: number) => [{ address: ip, key: ip, score, lapsing: false }];

test("a member whose hardware address claims the address is asked, and when it would win, the address is withdrawn", async (t) => {
  const world = await announcing(t);
  await sight(world, memberMac);
  deepEqual(world.toBeat.filter(({ type }) => type === "ask")[0], { type: "ask", member: "n2", addresses: [ip], standing: true });
  world.mind.receive({ type: "stood", by: "n2", stands: stands(1), denied: [] });
  await world.pass(50);
  deepEqual(world.announced, {});
  const last = world.mind.report.history.entries().at(-1)?.event;
  deepEqual([last?.reason, last?.cause], ["yielded", "rival"]);
  match(await world.metrics.text(), /herald_layer2_contests_total\{outcome="yielded"\} 1/);
  world.mind.receive({ type: "stood", by: "n2", stands: [], denied: [ip] });
  await world.pass(50);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
});

test("a claim that is seen while all is decided anew is asked about only where this node still stands for the address afterwards", async (t) => {
  const world = await announcing(t);
  const alone = new Map([...view.members, ["n2", { ...member("n2"), alive: false, dead: true, candidate: false }] as const]);
  world.service("web", "192.0.2.10");
  world.mind.receive({ type: "members", view: { ...view, members: alone } });
  await world.pass(100);
  deepEqual(Object.keys(world.announced), ["default/dns", "default/web"]);
  world.mind.receive({ type: "members", view });
  const claims = [ip, "192.0.2.10"].map((address) => ({ ...seen(memberMac), ip: address }));
  world.mind.receive({ type: "sighted", sightings: claims, dropped: 0 });
  deepEqual(asked(world), []);
  await world.pass(10);
  deepEqual(asked(world), [ip]);
});

test("a member that would lose takes nothing from this node", async (t) => {
  const world = await announcing(t);
  await sight(world, memberMac);
  world.mind.receive({ type: "stood", by: "n2", stands: stands(0), denied: [] });
  await world.pass(50);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
});

test("a member that asks is told what this node announces, and what it does not", async (t) => {
  const world = await announcing(t);
  world.mind.receive({ type: "contested", by: "n2", nonce: "ab", addresses: [ip, "192.0.2.10"], standing: false });
  deepEqual(world.toBeat.at(-1), { type: "answer", to: "n2", nonce: "ab", stands: stands(0), denied: ["192.0.2.10"] });
});

test("while the wire is mute this node stands only until another announces: who answers meanwhile goes on", async (t) => {
  const world = await announcing(t);
  const lapsing = (): unknown => {
    world.mind.receive({ type: "contested", by: "n2", nonce: "ab", addresses: [ip], standing: true });
    const answer = world.toBeat.findLast(({ type }) => type === "answer");
    return answer?.type === "answer" && answer.stands[0]?.lapsing;
  };
  world.mind.receive({ type: "affirm", epoch: 1 });
  equal(lapsing(), true);
  await world.pass(100);
  equal(lapsing(), false);
});

test("a foreign machine is told of on the Service and in a metric, once, and the address stays", async (t) => {
  const world = await announcing(t);
  for (let i = 0; i < 5; i += 1) await sight(world, foreignMac);
  const events = () => world.recorded.filter((text) => text.includes("AddressConflict"));
  equal(events().length, 1);
  match(events()[0] ?? "", /^dns Warning AddressConflict 192\.0\.2\.11 is also claimed by 02:ff:00:00:00:01/);
  match(await world.metrics.text(), /herald_layer2_conflict\{ip="192.0.2.11",mac="02:ff:00:00:00:01",cause="foreign"\} 1/);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
  await world.pass(30_000);
  match(events()[1] ?? "", /^dns Normal AddressConflictOver/);
  equal(/herald_layer2_conflict\{/.test(await world.metrics.text()), false);
});

test("defend: the wire is told to announce against the machine", async (t) => {
  const world = await announcing(t, "defend");
  await sight(world, foreignMac);
  deepEqual(
    world.posted.filter(({ type }) => type === "defend"),
    [{ type: "defend", ip }],
  );
});

test("quarantine: the address is withdrawn when a machine answers the probe, and announced when the policy goes", async (t) => {
  const world = await announcing(t, "quarantine");
  await sight(world, foreignMac);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
  await world.pass(1_100);
  equal(world.posted.filter(({ type }) => type === "probe").length, 1);
  world.mind.receive({ type: "probed", ip, sightings: [seen(foreignMac)] });
  await world.pass(50);
  deepEqual(world.announced, {});
  setPolicy(world, "report");
  await world.pass(1_500);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
});

test("a hardware address that a node names no more is still that node's, and no foreign machine's", async (t) => {
  const world = await announcing(t);
  const facts = encodeMemberFacts({ interfaces: [], setAside: [], complete: true });
  const members = new Map([...view.members, ["n2", { ...member("n2"), facts }] as const]);
  world.mind.receive({ type: "members", view: { ...view, generation: 2, members } });
  await sight(world, memberMac);
  deepEqual([world.toBeat.at(-1)?.type, world.recorded.filter((text) => text.includes("AddressConflict"))], ["ask", []]);
});

test("without the membership protocol a machine is a conflict when it was seen twice: the first may be the next owner", async (t) => {
  const world = new MindWorld();
  t.after(() => world.stop());
  for (const name of ["n1", "n2"]) {
    world.node(name);
    world.speaker(name);
  }
  world.pool();
  world.service("dns", ip);
  await world.start();
  const conflicts = () => world.recorded.filter((text) => text.includes("AddressConflict")).length;
  await sight(world, foreignMac);
  equal(conflicts(), 0);
  await world.pass(1_000);
  await sight(world, foreignMac);
  equal(conflicts(), 1);
});

test("the wire is told the other nodes' hardware addresses", async (t) => {
  const world = await started(t);
  deepEqual(
    world.posted.filter(({ type }) => type === "member-macs"),
    [{ type: "member-macs", macs: [0x020000000002] }],
  );
});

test("an address that appears is probed before this node announces it, and announced whatever answers", async (t) => {
  const world = await started(t, "report", 150);
  world.service("dns", ip);
  await world.pass(100);
  deepEqual(world.announced, {});
  equal(world.posted.filter(({ type }) => type === "probe").length, 1);
  world.mind.receive({ type: "probed", ip, sightings: [seen(foreignMac)] });
  await world.pass(50);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
  equal(world.mind.report.history.entries().at(-1)?.event.cause, "service");
  equal(world.recorded.filter((text) => text.includes("AddressConflict")).length, 1);
});

test("quarantine: an address that another machine answers for is not announced for the first time, and the Service says why", async (t) => {
  const world = await started(t, "quarantine", 150);
  world.service("dns", ip);
  await world.pass(100);
  world.mind.receive({ type: "probed", ip, sightings: [seen(foreignMac)] });
  await world.pass(100);
  deepEqual(world.announced, {});
  match(world.recorded.join(), /AddressConflict 192\.0\.2\.11 .* is not announced while it answers/);
});

test("an address whose probe is not answered by the wire is announced all the same", async (t) => {
  const world = await started(t, "report", 150);
  world.service("dns", ip);
  await world.pass(800);
  deepEqual(Object.keys(world.announced), ["default/dns"]);
});

test("after a restart, and after a failover, nothing is probed", async (t) => {
  const world = new MindWorld(undefined, true, 150);
  t.after(() => world.stop());
  world.api.put(resourceTypes.namespaces, { metadata: { name: "kube-system", uid: "cluster-uid" } });
  for (const name of ["n1", "n2"]) world.node(name);
  world.pool();
  world.service("dns", ip);
  await world.start();
  world.mind.receive({ type: "members", view });
  await world.pass(100);
  deepEqual(Object.keys(world.announced), ["default/dns"], "it was there when this speaker started");
  world.service("web", "192.0.2.10");
  await world.pass(100);
  const gone: Member = { ...member("n2"), alive: false, dead: true, candidate: false };
  world.mind.receive({
    type: "members",
    view: {
      ...view,
      generation: 2,
      members: new Map([
        ["n1", member("n1")],
        ["n2", gone],
      ]),
    },
  });
  await world.pass(100);
  deepEqual(Object.keys(world.announced), ["default/dns", "default/web"], "n2 announced it before");
  equal(world.posted.filter(({ type }) => type === "probe").length, 0);
});
