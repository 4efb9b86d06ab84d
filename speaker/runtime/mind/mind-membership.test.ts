import { deepEqual, equal, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { encodeMemberFacts } from "../../codec/membership-facts.ts";
import type { Member, MemberView } from "../../membership/member-view.ts";
import { MindWorld } from "../fake/mind-world.ts";

const lives: Member = { alive: true, dead: false, candidate: true, facts: undefined, reason: "it lives and takes addresses" };
const isDead: Member = { ...lives, alive: false, dead: true, candidate: false, reason: "it was silent" };

let generation = 0;
function view(members: Readonly<Record<string, Member>>, changes: Partial<MemberView> = {}): MemberView {
  generation += 1;
  const common = {
    generation,
    conduct: "member",
    company: "together",
    standing: "candidate",
    source: "messages",
    remarks: [],
  } as const;
  return { ...common, members: new Map(Object.entries(members)), ...changes };
}

/** Nodes n1 (this one) and n2; by hash n2 owns 192.0.2.10 while it is a candidate, and n1 owns 192.0.2.11. */
async function started(t: TestContext): Promise<MindWorld> {
  const world = new MindWorld(undefined, true);
  t.after(() => world.stop());
  world.twoMembers();
  world.pool();
  world.service("web", "192.0.2.10");
  world.service("dns", "192.0.2.11");
  await world.start();
  return world;
}

const announcedBy = async (world: MindWorld, told: MemberView): Promise<readonly string[]> => {
  world.mind.receive({ type: "members", view: told });
  await world.pass(100);
  return Object.keys(world.announced);
};

test("nothing is announced, and nothing is said, before the protocol has joined", async (t) => {
  const world = await started(t);
  deepEqual(await announcedBy(world, view({ n1: lives }, { conduct: "joining" })), []);
  equal(world.shared.mindReady, false);
});

test("the protocol's members share the addresses, whatever the API says of readiness", async (t) => {
  const world = await started(t);
  world.speaker("n2", false);
  const both = await announcedBy(world, view({ n1: lives, n2: lives }));
  equal(both.length, 1);
  deepEqual(await announcedBy(world, view({ n1: lives, n2: isDead })), ["default/dns", "default/web"]);
});

test("an address that goes to a member that came back is handed over", async (t) => {
  const world = await started(t);
  await announcedBy(world, view({ n1: lives, n2: isDead }));
  await announcedBy(world, view({ n1: lives, n2: lives }));
  const changes = world.posted.flatMap((message) => (message.type === "changes" ? message.changes : []));
  deepEqual(
    changes.filter(({ announcements }) => announcements.length === 0).map(({ handOver }) => handOver),
    [true],
  );
});

for (const [what, changes, candidate] of [
  ["was dead", { standing: "damped" }, false],
  ["was alone", { company: "alone" }, true],
] as const)
  test(`a node that ${what} gives an address up at once: it may have another owner for long`, async (t) => {
    const world = await started(t);
    await announcedBy(world, view({ n1: lives, n2: isDead }, changes));
    await announcedBy(world, view({ n1: { ...lives, candidate }, n2: lives }, { ...changes, company: "together" }));
    const gone = world.posted
      .flatMap((message) => (message.type === "changes" ? message.changes : []))
      .filter(({ announcements }) => announcements.length === 0);
    deepEqual(new Set(gone.map(({ handOver }) => handOver)), new Set([undefined]));
  });

test("a node that does not know what the others do tells its wire to give way, and announces again when it knows", async (t) => {
  const world = await started(t);
  await announcedBy(world, view({ n1: lives, n2: isDead }));
  world.posted.length = 0;
  world.mind.receive({ type: "members", view: view({ n1: lives, n2: isDead }, { conduct: "freeze", company: "asking" }) });
  await world.pass(100);
  deepEqual(
    world.posted.map(({ type }) => type),
    ["freeze", "announce-again"],
  );
  world.mind.receive({ type: "members", view: view({ n1: lives, n2: isDead }) });
  await world.pass(100);
  deepEqual(Object.keys(world.announced), ["default/dns", "default/web"]);
  ok(world.posted.some(({ type }) => type === "thaw"));
});

test("a node that is cut off keeps what it announces and takes nothing", async (t) => {
  const world = await started(t);
  const before = await announcedBy(world, view({ n1: lives, n2: lives }));
  deepEqual(await announcedBy(world, view({ n1: lives, n2: isDead }, { conduct: "freeze", company: "cut-off" })), before);
});

test("a node that comes back from being cut off announces nothing until it has joined again", async (t) => {
  const world = await started(t);
  await announcedBy(world, view({ n1: lives, n2: isDead }));
  deepEqual(await announcedBy(world, view({ n1: lives, n2: lives }, { conduct: "joining" })), []);
});

test("a view that says nothing new of candidates announces nothing anew", async (t) => {
  const world = await started(t);
  await announcedBy(world, view({ n1: lives, n2: lives }));
  const before = world.posted.length;
  await announcedBy(world, view({ n1: lives, n2: lives }));
  equal(world.posted.length, before);
});

test("a node that is being stopped gives everything to the others", async (t) => {
  const world = await started(t);
  await announcedBy(world, view({ n1: lives, n2: isDead }));
  world.mind.receive({ type: "leave" });
  await world.pass(100);
  deepEqual(world.announced, {});
});

test("the beat is told the cluster, where the speakers are, and what this node is", async (t) => {
  const world = await started(t);
  deepEqual(world.toBeat.at(-1), { type: "cluster", uid: "cluster-uid" });
  const speakers = world.toBeat.find((message) => message.type === "speakers");
  deepEqual(speakers?.type === "speakers" && speakers.pods.map(({ node, ready }) => [node, ready]), [
    ["n1", true],
    ["n2", true],
  ]);
});

test("a node that is marked for draining is not willing, and willing again without the mark", async (t) => {
  const world = await started(t);
  const mark = async (annotations: Readonly<Record<string, string>>): Promise<void> => {
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    world.api.put(resourceTypes.nodes, { metadata: { name: "n1", labels: {}, annotations }, status } as never);
    await world.pass(100);
  };
  const willing = () => world.toBeat.flatMap((message) => (message.type === "willing" ? [message.willing] : []));
  await mark({ "herald-lb.io/drain": "" });
  deepEqual(willing(), [false]);
  await mark({});
  deepEqual(willing(), [false, true]);
});

test("a question to the segment goes to the wire with an address that the silent node announces, and its MACs", async (t) => {
  const world = await started(t);
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 2);
  const facts = encodeMemberFacts({ interfaces: [{ name: "eth0", mac, prefixes: [] }], setAside: [], complete: true });
  await announcedBy(world, view({ n1: lives, n2: { ...lives, facts } }));
  world.mind.receive({ type: "ask-segment", question: 7, silent: [{ name: "n2", address: "192.0.2.200" }] });
  const samples = [parseAddress("192.0.2.10")];
  const macs = [{ node: "n2", mac }];
  deepEqual(world.posted.at(-1), { type: "ask-segment", question: 7, neighbours: ["192.0.2.200"], samples, macs });
});

test("what is not as it should be is logged when it changes", async (t) => {
  const world = await started(t);
  const remarks = ["no other speaker is heard"];
  await announcedBy(world, view({ n1: lives }, { remarks }));
  await announcedBy(world, view({ n1: lives }, { remarks }));
  await announcedBy(world, view({ n1: lives }));
  deepEqual(
    world.log.at("warn").filter((line) => line.includes("membership")),
    ["membership is not as it should be"],
  );
});

test("the wall clock jumps, there and back: what is announced stays, and nothing is announced anew", async (t) => {
  const world = await started(t);
  const before = await announcedBy(world, view({ n1: lives, n2: lives }));
  equal(before.length, 1);
  const posted = world.posted.length;
  for (const hours of [24, -48, 24 * 365, -24 * 364]) {
    world.clock.jumpWall(hours * 3_600_000);
    await world.pass(1_000);
  }
  deepEqual([Object.keys(world.announced), world.posted.length], [before, posted]);
});
