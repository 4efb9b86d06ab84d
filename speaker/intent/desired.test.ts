import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { parseAddress } from "../../crds/net/address.ts";
import { membersNamed } from "../membership/members.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { advertisement, context, node, selecting, service } from "./fixture/world.ts";
import type { Sha256 } from "./l2-election.ts";
import type { Reason } from "./reason.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** The one node of a cluster: owner of everything that anybody may own. */
const alone = context(["a"], sha256);
const serving: readonly EndpointView[] = [{ nodeName: "a", canServe: true }];

function announces(subject: ServiceView | undefined, endpoints: readonly EndpointView[], ctx: Context): readonly string[][] {
  const verdict = decide(subject, endpoints, ctx);
  if (verdict.type === "silent") return [];
  return verdict.announcements.map(({ address, interfaces }) => [address.bits.toString(16), ...interfaces]);
}

function reasonFor(subject: ServiceView | undefined, endpoints: readonly EndpointView[], ctx: Context): Reason | undefined {
  const verdict = decide(subject, endpoints, ctx);
  return verdict.type === "silent" ? verdict.reason : undefined;
}

test("the only node announces an address of a pool with an advertisement", () => {
  deepEqual(decide(service(), serving, alone), {
    type: "announce",
    pool: "pool",
    announcements: [{ address: parseAddress("192.0.2.1"), interfaces: [] }],
  });
});

const labelled = { labels: { [excludeLabel]: "false" } };
const withNode = (changes: Parameters<typeof node>[1]): Context => ({ ...alone, nodes: new Map([["a", node("a", changes)]]) });
const withAdvertisement = (...l2: ReturnType<typeof advertisement>[]): Context => ({
  ...alone,
  snapshot: snapshot(pool("pool", ["192.0.2.0/24"], { l2 })),
});
const gold = [selecting({ tier: "gold" })];

const silent: readonly {
  readonly rule: string;
  readonly reason: Reason;
  readonly service?: ServiceView | undefined;
  readonly endpoints?: readonly EndpointView[];
  readonly context?: Context;
}[] = [
  { rule: "it was deleted", reason: "serviceDeleted", service: undefined },
  { rule: "it is of another type", reason: "notLoadBalancer", service: service({ isLoadBalancer: false }) },
  {
    rule: "it has a class and the flag is unset",
    reason: "loadBalancerClassNotOurs",
    service: service({ loadBalancerClass: "x" }),
  },
  {
    rule: "it has no class and the flag is set",
    reason: "loadBalancerClassNotOurs",
    context: { ...alone, options: { lbClass: "x", ignoreExcludeLB: false } },
  },
  { rule: "it has no address", reason: "noIPAllocated", service: service({ ingress: [] }) },
  { rule: "one of its entries is a hostname only", reason: "invalidIP", service: service({ ingress: ["192.0.2.1", ""] }) },
  { rule: "no pool holds its address", reason: "ipNotAllowed", service: service({ ingress: ["198.51.100.1"] }) },
  {
    rule: "no single pool holds all of its addresses",
    reason: "ipNotAllowed",
    service: service({ ingress: ["192.0.2.1", "198.51.100.1"] }),
    context: {
      ...alone,
      snapshot: snapshot(
        pool("one", ["192.0.2.0/24"], { l2: [advertisement(["a"])] }),
        pool("two", ["198.51.100.0/24"], { l2: [advertisement(["a"])] }),
      ),
    },
  },
  { rule: "it has no endpoint", reason: "noEndpoints", endpoints: [] },
  { rule: "no endpoint can serve", reason: "noEndpoints", endpoints: [{ nodeName: "a", canServe: false }] },
  { rule: "the pool has no advertisement", reason: "noMatchingAdvertisement", context: withAdvertisement() },
  {
    rule: "no advertisement selects it",
    reason: "noMatchingAdvertisement",
    context: withAdvertisement(advertisement(["a"], { serviceSelectors: gold })),
  },
  {
    rule: "no advertisement lists this node",
    reason: "noMatchingAdvertisement",
    context: withAdvertisement(advertisement(["b"])),
  },
  {
    rule: "it shares its address and an advertisement selects Services",
    reason: "sharedIPWithServiceSelector",
    service: service({ labels: { tier: "gold" }, annotations: { "metallb.io/allow-shared-ip": "" } }),
    context: withAdvertisement(advertisement(["a"]), advertisement(["a"], { serviceSelectors: gold })),
  },
  {
    rule: "it shares its address under the deprecated key",
    reason: "sharedIPWithServiceSelector",
    service: service({ labels: { tier: "gold" }, annotations: { "metallb.universe.tf/allow-shared-ip": "key" } }),
    context: withAdvertisement(advertisement(["a"], { serviceSelectors: gold })),
  },
  {
    rule: "the node's network is unavailable",
    reason: "nodeNetworkUnavailable",
    context: withNode({ networkUnavailable: true }),
  },
  {
    rule: "the node has the exclude label, whatever its value",
    reason: "nodeLabeledExcludeBalancers",
    context: withNode(labelled),
  },
  {
    rule: "its traffic policy is Local and the node has no endpoint that can serve",
    reason: "noLocalEndpoints",
    service: service({ externalTrafficPolicy: "Local" }),
    endpoints: [{ nodeName: "b", canServe: true }, { nodeName: "a", canServe: false }, { canServe: true }],
  },
  {
    rule: "the members are not known yet",
    reason: "membershipUnknown",
    context: { ...alone, members: { ...membersNamed(["a"]), conduct: "joining" } },
  },
  {
    rule: "the node is no member",
    reason: "notMember",
    context: { ...alone, members: membersNamed([]) },
  },
  { rule: "MetalLB's speakers have a winner", reason: "foreignSpeaker", context: { ...alone, foreignSpeakers: new Set(["a"]) } },
];
for (const { rule, reason, ...given } of silent) {
  test(`a Service is not announced when ${rule}`, () => {
    const subject = "service" in given ? given.service : service();
    equal(reasonFor(subject, given.endpoints ?? serving, given.context ?? alone), reason);
  });
}

test("nodes other than the elected one say who it is", () => {
  const three = context(["node-a", "node-b", "node-c"], sha256, {
    snapshot: snapshot(pool("pool", ["10.20.30.0/24"], { l2: [advertisement(["node-a", "node-b", "node-c"])] })),
  });
  deepEqual(decide(service({ ingress: ["10.20.30.1"] }), serving, three), {
    type: "silent",
    reason: "notOwner",
    owner: { by: "herald", node: "node-b" },
  });
});

test("the exclude label has no effect when told so", () => {
  const ctx = { ...withNode(labelled), options: { lbClass: undefined, ignoreExcludeLB: true } };
  equal(reasonFor(service(), serving, ctx), undefined);
});

test("the class of the flag is announced", () => {
  const ctx = { ...alone, options: { lbClass: "x", ignoreExcludeLB: false } };
  equal(reasonFor(service({ loadBalancerClass: "x" }), serving, ctx), undefined);
});

test("the classes of a list are announced, and no others", () => {
  const ctx = { ...alone, options: { lbClass: "metallb.io/*,", ignoreExcludeLB: false } };
  equal(reasonFor(service({ loadBalancerClass: "metallb.io/internal" }), serving, ctx), undefined);
  equal(reasonFor(service(), serving, ctx), undefined);
  equal(reasonFor(service({ loadBalancerClass: "other" }), serving, ctx), "loadBalancerClassNotOurs");
});

test("a Service that an advertisement selects by its labels is announced", () => {
  const ctx = withAdvertisement(advertisement(["a"], { serviceSelectors: gold }));
  equal(reasonFor(service({ labels: { tier: "gold" } }), serving, ctx), undefined);
});

test("a shared address is announced where no advertisement selects Services", () => {
  equal(reasonFor(service({ annotations: { "metallb.io/allow-shared-ip": "key" } }), serving, alone), undefined);
});

test("policy Cluster announces from a node without endpoints", () => {
  equal(reasonFor(service(), [{ nodeName: "b", canServe: true }], alone), undefined);
});

test("a member without a Node object counts as available", () => {
  equal(reasonFor(service(), serving, { ...alone, nodes: new Map() }), undefined);
});

test("a node that is not Ready is still eligible: membership decides that", () => {
  equal(reasonFor(service(), serving, withNode({ ready: false })), undefined);
});

test("interfaces are the union of the advertisements that list the node", () => {
  const ctx = withAdvertisement(
    advertisement(["a"], { interfaces: ["eth1"] }),
    advertisement(["a", "b"], { interfaces: ["eth0", "eth1"] }),
    advertisement(["b"], { interfaces: ["eth9"] }),
  );
  deepEqual(announces(service(), serving, ctx), [["c0000201", "eth0", "eth1"]]);
});

test("one advertisement without a list means every interface", () => {
  const ctx = withAdvertisement(advertisement(["a"], { interfaces: ["eth1"] }), advertisement(["a"]));
  deepEqual(announces(service(), serving, ctx), [["c0000201"]]);
});

test("all addresses of a dual-stack Service live where the first one is elected", () => {
  const names = ["node-a", "node-b", "node-c"];
  const dual = pool("dual", ["192.168.1.0/24", "fc00::/64"], { l2: [advertisement(names)] });
  for (const self of names) {
    const ctx = context(names, sha256, { self, snapshot: snapshot(dual) });
    equal(announces(service({ ingress: ["192.168.1.240", "fc00::1"] }), serving, ctx).length, self === "node-a" ? 2 : 0);
    equal(announces(service({ ingress: ["fc00::1", "192.168.1.240"] }), serving, ctx).length, self === "node-b" ? 2 : 0);
  }
});

test("an address is read and hashed in canonical text", () => {
  const names = ["node-a", "node-b", "node-c"];
  const ctx = context(names, sha256, {
    self: "node-b",
    snapshot: snapshot(pool("six", ["fc00::/64"], { l2: [advertisement(names)] })),
  });
  deepEqual(announces(service({ ingress: ["FC00:0:0::0001"] }), serving, ctx), [["fc000000000000000000000000000001"]]);
});
