import { deepEqual, equal, notEqual } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { membersNamed } from "../membership/members.ts";
import { type Announceable, announceable } from "./announceable.ts";
import type { EndpointView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { evidenceFor } from "./evidence.ts";
import { advertisement, context, node, service } from "./fixture/world.ts";
import type { Sha256 } from "./l2-election.ts";
import { ownerOf, someOwner } from "./owner.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const names = ["iris1", "iris2", "node-a", "node-b", "node-c"];
const serving: readonly EndpointView[] = [{ nodeName: "iris1", canServe: true }];
const subject = service({ ingress: ["10.20.30.1"] });
/** The order of election is node-b, node-c, node-a, iris2, iris1. */
const five = context(names, sha256, { snapshot: snapshot(pool("pool", ["10.20.30.0/24"], { l2: [advertisement(names)] })) });

function announceableIn(ctx: Context, endpoints = serving, of = subject): Announceable {
  const found = announceable(of, endpoints, ctx);
  if (typeof found === "string") throw new RangeError(found);
  return found;
}

test("where MetalLB's speakers have a winner, none of ours announces", () => {
  const ctx = { ...five, foreignSpeakers: new Set(["iris1", "iris2"]) };
  deepEqual(ownerOf(announceableIn(ctx), ctx), { by: "foreign", node: "iris2" });
  for (const self of names) equal(decide(subject, serving, { ...ctx, self }).type, "silent");
});

test("when the last speaker of MetalLB's is gone, the elected one of ours announces", () => {
  deepEqual(ownerOf(announceableIn(five), five), { by: "herald", node: "node-b" });
});

test("a speaker of MetalLB's that may not own the address does not silence ours", () => {
  const local = service({ ingress: ["10.20.30.1"], externalTrafficPolicy: "Local" });
  const ctx = { ...five, foreignSpeakers: new Set(["iris2"]) };
  deepEqual(ownerOf(announceableIn(ctx, serving, local), ctx), { by: "herald", node: "iris1" });
});

test("scores of all advertisements that match are added up", () => {
  const l2 = [
    advertisement(names, { scores: new Map([["iris1", 40]]) }),
    advertisement(names, {
      name: "other",
      scores: new Map([
        ["iris1", 20],
        ["iris2", 50],
      ]),
    }),
    advertisement(["node-a"], { name: "third", scores: new Map([["iris2", 90]]) }),
  ];
  const ctx = { ...five, snapshot: snapshot(pool("pool", ["10.20.30.0/24"], { l2 })) };
  deepEqual(ownerOf(announceableIn(ctx), ctx), { by: "herald", node: "iris1" });
});

test("an advertisement that prefers other nodes adds nothing to a node's score, and none is zero", () => {
  const scores = new Map([["iris1", 1]]);
  const l2 = [advertisement(["iris1"], { scores }), ...["x", "y"].map((name) => advertisement(["iris2"], { name, scores }))];
  const ctx = { ...five, snapshot: snapshot(pool("pool", ["10.20.30.0/24"], { l2 })) };
  deepEqual(
    evidenceFor(subject, serving, ctx).candidates.map((one) => [one.node, one.score]),
    [
      ["iris1", 1],
      ["iris2", 0],
    ],
  );
});

test("the evidence names every node once: as a candidate in order, or with what keeps it out", () => {
  const nodes = new Map(five.nodes)
    .set("node-b", node("node-b", { networkUnavailable: true }))
    .set("iris9", node("iris9"))
    .set("iris2", node("iris2"));
  const ctx = { ...five, nodes, members: membersNamed(names.filter((name) => name !== "iris2")) };
  const { candidates, excluded, owner, ip, advertisements } = evidenceFor(subject, serving, ctx);
  deepEqual(
    candidates.map((one) => one.node),
    ["node-c", "node-a", "iris1"],
  );
  deepEqual(excluded, [
    { node: "iris2", reason: "notMember" },
    { node: "iris9", reason: "noMatchingAdvertisement" },
    { node: "node-b", reason: "nodeNetworkUnavailable" },
  ]);
  deepEqual([owner, ip, advertisements], [{ by: "herald", node: "node-c" }, "10.20.30.1", ["l2"]]);
});

test("the evidence gives the reason when no node may announce, and nothing else", () => {
  const nothing = { advertisements: [], owner: { by: "nobody" }, candidates: [], excluded: [] };
  deepEqual(evidenceFor(subject, [], five), { reason: "noEndpoints", ...nothing });
  const quiet = { ...five, snapshot: snapshot(pool("pool", ["10.20.30.0/24"])) };
  deepEqual(evidenceFor(subject, serving, quiet), { reason: "noMatchingAdvertisement", ...nothing });
});

const someNames = fc.subarray(names);
const world = fc
  .record({
    alive: someNames,
    foreign: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: someNames }),
    listed: fc.array(someNames, { minLength: 1, maxLength: 3 }),
    scored: fc.subarray(names),
    unavailable: fc.subarray(names, { maxLength: 2 }),
    endpoints: fc.array(fc.record({ nodeName: fc.constantFrom(...names), canServe: fc.boolean() }), { maxLength: 4 }),
    local: fc.boolean(),
    last: fc.nat(255),
  })
  .map(({ alive, foreign, listed, scored, unavailable, endpoints, local, last }) => {
    const scores = new Map(scored.map((name) => [name, 10]));
    const l2 = listed.map((list, i) => advertisement(list, { name: `l2-${i}`, scores }));
    const ctx: Context = {
      ...five,
      snapshot: snapshot(pool("pool", ["10.20.30.0/24"], { l2 })),
      nodes: new Map(names.map((name) => [name, node(name, { networkUnavailable: unavailable.includes(name) })])),
      members: membersNamed(alive),
      foreignSpeakers: new Set(foreign),
    };
    const policy = local ? ("Local" as const) : ("Cluster" as const);
    return { ctx, endpoints, subject: service({ ingress: [`10.20.30.${last}`], externalTrafficPolicy: policy }) };
  });

test("of all nodes that evaluate the same, exactly the owner announces, or nobody", () => {
  fc.assert(
    fc.property(world, ({ ctx, endpoints, subject: of }) => {
      const announcing = names.filter((self) => decide(of, endpoints, { ...ctx, self }).type === "announce");
      const found = announceable(of, endpoints, ctx);
      const owner = typeof found === "string" ? undefined : ownerOf(found, ctx);
      deepEqual(announcing, owner?.by === "herald" ? [owner.node] : []);
    }),
  );
});

test("there is some possible owner exactly when somebody announces, whatever node is asked first", () => {
  fc.assert(
    fc.property(world, fc.option(fc.constantFrom(...names), { nil: undefined }), ({ ctx, endpoints, subject: of }, hint) => {
      const found = announceable(of, endpoints, ctx);
      fc.pre(typeof found !== "string");
      equal(someOwner(found, ctx, hint) !== undefined, ownerOf(found, ctx).by !== "nobody");
    }),
  );
});

test("the possible owner stays what it was as long as it may own", () => {
  const found = announceableIn(five);
  for (const hint of names) equal(someOwner(found, five, hint), hint);
  const beside = { ...five, members: membersNamed(["iris1"]), foreignSpeakers: new Set(["iris2"]) };
  equal(someOwner(found, beside, "iris2"), "iris2", "a speaker of MetalLB's, too");
  notEqual(someOwner(found, { ...five, members: membersNamed(["iris1"]) }, "iris2"), "iris2");
});

test("losing a member that does not own never moves an address", () => {
  fc.assert(
    fc.property(world, fc.constantFrom(...names), ({ ctx, endpoints, subject: of }, lost) => {
      const found = announceable(of, endpoints, ctx);
      fc.pre(typeof found !== "string");
      const before = ownerOf(found, ctx);
      fc.pre(before.by === "nobody" || before.node !== lost);
      const alive = new Set(ctx.members.alive);
      alive.delete(lost);
      deepEqual(ownerOf(found, { ...ctx, members: membersNamed(alive) }), before);
    }),
  );
});

test("decide never throws and never hangs on a Service of any content", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("10.20.30.1", "fc00::1", "10.20.30.01", "::ffff:10.20.30.1", "fe80::1%eth0"),
  );
  const labels = fc.dictionary(fc.string(), fc.string());
  const any = fc.record(
    {
      key: fc.string(),
      isLoadBalancer: fc.boolean(),
      loadBalancerClass: fc.string(),
      labels,
      annotations: labels,
      externalTrafficPolicy: fc.constantFrom("Cluster" as const, "Local" as const),
      ingress: fc.array(text),
    },
    { requiredKeys: ["key", "isLoadBalancer", "labels", "annotations", "externalTrafficPolicy", "ingress"] },
  );
  fc.assert(
    fc.property(any, world, (of, { ctx, endpoints }) => {
      equal(["announce", "silent"].includes(decide(of, endpoints, ctx).type), true);
      evidenceFor(of, endpoints, ctx);
    }),
  );
});
