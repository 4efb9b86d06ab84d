import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { L2Advertisement } from "../../crds/config/snapshot.ts";
import { membersNamed } from "../membership/members.ts";
import { type Announceable, announceable } from "./announceable.ts";
import { type Candidacy, candidacyFor } from "./candidates.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { evidenceFor } from "./evidence.ts";
import { type Said, saying } from "./fixture/facts.ts";
import { advertisement, context, service } from "./fixture/world.ts";
import type { Sha256 } from "./l2-election.ts";
import { ownerOf } from "./owner.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const names = ["a", "b", "c"];
const serving = [{ nodeName: "a", canServe: true }];

/** Three nodes, and what each says of itself. */
function worldOf(said: Readonly<Record<string, Said>>, l2: readonly L2Advertisement[] = [advertisement(names)]): Context {
  const dual = pool("pool", ["192.0.2.0/24", "2001:db8::/64"], { l2 });
  return context(names, sha256, { snapshot: snapshot(dual), members: { ...membersNamed(names), facts: saying(said) } });
}

function candidacy(ctx: Context, ingress: readonly string[] = ["192.0.2.1"]): Candidacy {
  const found = announceable(service({ ingress }), serving, ctx);
  if (typeof found === "string") throw new RangeError(found);
  return candidacyFor(found, ctx);
}
const namesOf = (ctx: Context, ingress?: readonly string[]): readonly string[] =>
  candidacy(ctx, ingress).candidates.map(({ node }) => node);

const inside: Said = { eth0: ["192.0.2.0/24"] };
const outside: Said = { eth0: ["198.51.100.0/24"] };

test("where some nodes reach the address's subnet, the others are no candidates", () => {
  const ctx = worldOf({ a: inside, b: outside, c: inside });
  deepEqual(namesOf(ctx), ["a", "c"]);
  deepEqual(candidacy(ctx).passedOver, [{ node: "b", reason: "subnetNotReached" }]);
});

test("where no node reaches the subnet, all are candidates as with MetalLB, and it is said", () => {
  const ctx = worldOf({ a: outside, b: outside, c: outside });
  deepEqual(namesOf(ctx), names);
  equal(candidacy(ctx).shortcoming, "noNodeReachesSubnet");
});

test("where there is no candidate nothing is said of what all lack", () => {
  const without: Said = { ...outside, setAside: ["IPAddressPool/pool"] };
  equal(candidacy(worldOf({ a: without, b: without, c: without })).shortcoming, undefined);
});

test("a node that reaches the subnet leaves nothing to be said", () => {
  equal(candidacy(worldOf({ a: inside, b: outside, c: outside })).shortcoming, undefined);
});

test("a node that did not say what it reaches is a candidate beside those that reach", () => {
  deepEqual(namesOf(worldOf({ a: inside, b: outside })), ["a", "c"]);
});

test("a node that did not say what it reaches drives nobody out, and nothing is said of all", () => {
  const ctx = worldOf({ a: outside, b: outside });
  deepEqual(namesOf(ctx), names);
  equal(candidacy(ctx).shortcoming, undefined);
});

test("what a node could not say for want of room is not held against it", () => {
  const ctx = worldOf({ a: inside, b: { eth0: [], complete: false }, c: outside });
  deepEqual(namesOf(ctx), ["a", "b"]);
});

test("a subnet of the other family is none of the address's", () => {
  const six: Said = { eth0: ["::/0"] };
  deepEqual(namesOf(worldOf({ a: six, b: inside, c: six })), ["b"]);
  deepEqual(namesOf(worldOf({ a: six, b: inside, c: six }), ["2001:db8::1"]), ["a", "c"]);
});

test("the first address decides, as it does in the election: what shares it elects alike", () => {
  const ctx = worldOf({ a: { eth0: ["2001:db8::/64"] }, b: inside, c: { eth0: ["192.0.2.0/24", "2001:db8::/64"] } });
  deepEqual(namesOf(ctx, ["192.0.2.1", "2001:db8::1"]), ["b", "c"]);
  deepEqual(namesOf(ctx), ["b", "c"]);
});

const onEth1 = [advertisement(names, { interfaces: ["eth1"] })];

test("where some nodes have an interface that the advertisement names, the others are no candidates", () => {
  const ctx = worldOf({ a: { eth0: [] }, b: { eth1: [] }, c: { eth0: [] } }, onEth1);
  deepEqual(namesOf(ctx), ["b"]);
  deepEqual(
    candidacy(ctx).passedOver,
    ["a", "c"].map((node) => ({ node, reason: "interfaceMissing" })),
  );
});

test("of several interfaces of a node, or of an advertisement, one is enough", () => {
  deepEqual(namesOf(worldOf({ a: { eth0: [], eth1: [], eth2: [] }, b: { eth0: [] }, c: { eth1: [] } }, onEth1)), ["a", "c"]);
  const either = [advertisement(names, { interfaces: ["eth1", "eth2"] })];
  deepEqual(namesOf(worldOf({ a: { eth0: [] }, b: { eth2: [] }, c: { eth1: [] } }, either)), ["b", "c"]);
});

test("an advertisement that does not list the node takes nothing from it, whatever else the node has set aside", () => {
  const l2 = [advertisement(["a"], { name: "own" }), advertisement(["b", "c"], { name: "other" })];
  const all = worldOf({ a: { ...inside, setAside: ["L2Advertisement/elsewhere"] }, b: inside, c: outside }, l2);
  deepEqual(namesOf(all), ["a", "b"]);
});

test("an interface that a node could not name for want of room is not held against it", () => {
  const ctx = worldOf({ a: { eth0: [], complete: false }, b: { eth1: [] }, c: { eth0: [] } }, onEth1);
  deepEqual(namesOf(ctx), ["a", "b"]);
});

test("where no node has a named interface, all are candidates as with MetalLB, and it is said", () => {
  const ctx = worldOf({ a: inside, b: inside, c: outside }, onEth1);
  deepEqual(namesOf(ctx), names);
  equal(candidacy(ctx).shortcoming, "noNodeHasInterface");
});

test("the subnet must be reached on one of the named interfaces", () => {
  const ctx = worldOf({ a: { eth0: ["192.0.2.0/24"], eth1: [] }, b: { eth1: ["192.0.2.0/24"] }, c: { eth1: [] } }, onEth1);
  deepEqual(namesOf(ctx), ["b"]);
});

test("a node without a named interface is no candidate also where nobody reaches the subnet", () => {
  deepEqual(namesOf(worldOf({ a: outside, b: { eth1: [] }, c: outside }, onEth1)), ["b"]);
});

test("interfaces count by the advertisements that list the node", () => {
  const l2 = [advertisement(["a"], { interfaces: ["eth1"] }), advertisement(["b", "c"], { name: "all" })];
  deepEqual(namesOf(worldOf({ a: inside, b: inside, c: outside }, l2)), ["b"]);
});

test("one advertisement without a list means every interface of the node", () => {
  const l2 = [advertisement(names, { interfaces: ["eth1"] }), advertisement(["a"], { name: "all" })];
  deepEqual(namesOf(worldOf({ a: inside, b: inside, c: inside }, l2)), ["a"]);
});

test("a preferred node that does not reach the subnet is not elected", () => {
  const l2 = [advertisement(names, { scores: new Map([["b", 100]]) })];
  const ctx = worldOf({ a: inside, b: outside, c: outside }, l2);
  deepEqual(ownerOf(subjectIn(ctx), ctx), { by: "herald", node: "a" });
});

function subjectIn(ctx: Context): Announceable {
  const found = announceable(service(), serving, ctx);
  if (typeof found === "string") throw new RangeError(found);
  return found;
}

test("a node that set the pool aside is no candidate, and nobody is when all did", () => {
  const without: Said = { setAside: ["IPAddressPool/pool"] };
  deepEqual(namesOf(worldOf({ b: without })), ["a", "c"]);
  deepEqual(namesOf(worldOf({ a: without, b: without, c: without })), []);
});

test("a node that set another pool aside is a candidate", () => {
  deepEqual(namesOf(worldOf({ b: { setAside: ["IPAddressPool/other"] } })), names);
});

test("a node that set aside the only advertisement that lists it is no candidate", () => {
  const l2 = [advertisement(["a", "b"], { name: "x" }), advertisement(["c"], { name: "y" })];
  deepEqual(namesOf(worldOf({ b: { setAside: ["L2Advertisement/x"] } }, [advertisement(names, { name: "x" })])), ["a", "c"]);
  deepEqual(namesOf(worldOf({ b: { setAside: ["L2Advertisement/x"] } }, l2)), ["c"], "as b itself elects, who knows y alone");
});

test("an advertisement that a member cannot read has no say where another covers the Service", () => {
  const l2 = [advertisement(names, { name: "x", scores: new Map([["a", 100]]), interfaces: ["eth9"] }), advertisement(names)];
  const ctx = worldOf({ b: { ...inside, setAside: ["L2Advertisement/x"] } }, l2);
  deepEqual(
    candidacy(ctx).candidates.map(({ score }) => score),
    [0, 0, 0],
  );
});

test("an advertisement that a member cannot read names no interfaces where another covers the Service", () => {
  const l2 = [advertisement(["a"], { name: "x", interfaces: ["eth0"] }), advertisement(["a"], { interfaces: ["eth1"] })];
  const verdict = decide(service(), serving, worldOf({ b: { setAside: ["L2Advertisement/x"] } }, l2));
  deepEqual(verdict.type === "announce" && verdict.announcements[0]?.interfaces, ["eth1"]);
});

test("what a node lacks that can read none of the advertisements binds nobody", () => {
  const l2 = [advertisement(["a"], { name: "x", scores: new Map([["a", 10]]) }), advertisement(["b"], { name: "y" })];
  const none = ["L2Advertisement/x", "L2Advertisement/y"];
  const ctx = worldOf({ b: { setAside: ["L2Advertisement/x"] }, c: { setAside: none } }, l2);
  deepEqual(namesOf(ctx), ["b"], "as b itself elects, who knows y alone");
});

test("what a node that is no candidate cannot read matters to nobody", () => {
  const l2 = [advertisement(names, { name: "x", scores: new Map([["a", 100]]) }), advertisement(names)];
  const ctx = worldOf({ b: { setAside: ["L2Advertisement/x"] } }, l2);
  const members = { ...ctx.members, alive: new Set(["a", "c"]) };
  deepEqual(
    candidacy({ ...ctx, members }).candidates.map(({ score }) => score),
    [100, 0],
  );
});

for (const { reason, said } of [
  { reason: "subnetNotReached", said: { a: outside, b: inside, c: inside } },
  { reason: "objectSetAside", said: { a: { setAside: ["IPAddressPool/pool"] } } },
] as const)
  test(`a node that is passed over says ${reason}, to whoever asks it and in the evidence`, () => {
    const ctx = worldOf(said);
    const verdict = decide(service(), serving, ctx);
    equal(verdict.type === "silent" && verdict.reason, reason);
    deepEqual(evidenceFor(service(), serving, ctx).excluded, [{ node: "a", reason }]);
  });

test("what all candidates lack is in the owner's verdict and in the evidence", () => {
  const ctx = worldOf({ a: outside, b: outside, c: outside });
  const { owner, shortcoming } = evidenceFor(service(), serving, ctx);
  const self = owner.by === "nobody" ? "" : owner.node;
  const verdict = decide(service(), serving, { ...ctx, self });
  deepEqual([shortcoming, verdict.type === "announce" && verdict.shortcoming], ["noNodeReachesSubnet", "noNodeReachesSubnet"]);
});
