import { deepEqual, equal, match } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { peer } from "../../crds/config/fixture/peers.ts";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { BgpAdvertisement, L2Advertisement, Peer } from "../../crds/config/snapshot.ts";
import { formatAddress } from "../../crds/net/address.ts";
import type { BgpAnnouncement } from "../../speaker/bgp/route.ts";
import { decideBgp } from "../../speaker/intent/bgp.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { decide } from "../../speaker/intent/desired.ts";
import { bgpAdvertisement } from "../../speaker/intent/fixture/bgp-world.ts";
import { advertisement, context, node, selecting, service } from "../../speaker/intent/fixture/world.ts";
import type { Sha256 } from "../../speaker/intent/l2-election.ts";
import { membersNamed, unknownMembers } from "../../speaker/membership/members.ts";
import { explainAnnouncement, standingOf } from "./announcement.ts";
import { anyContext, anySubject, nodeNames } from "./fake/worlds.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const labels = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
const onA: readonly EndpointView[] = [{ nodeName: "a", canServe: true }];
const local = service({ externalTrafficPolicy: "Local" });
const gold = [selecting({ tier: "gold" })];

const alone = (changes: Partial<ClusterContext> = {}): ClusterContext => context(["a"], sha256, changes);
const advertised = (...l2: ReturnType<typeof advertisement>[]) => ({
  snapshot: snapshot(pool("p", ["192.0.2.0/24"], { l2 })),
});
/** One node, and one BGPAdvertisement for it. @param peerNodes nodes that have a peer. */
const byBgp = (
  peerNodes: readonly string[],
  changes: Partial<BgpAdvertisement> = {},
  l2: readonly L2Advertisement[] = [],
): ClusterContext => {
  const bgp = [bgpAdvertisement({ name: "bgp", nodes: new Set(["a"]), ...changes })];
  return alone({
    snapshot: { ...snapshot(pool("p", ["192.0.2.0/24"], { l2, bgp })), peers: [peer("router", { nodes: new Set(peerNodes) })] },
  });
};
const alive = (...names: readonly string[]) => ({ members: membersNamed(names) });

const silent: readonly {
  readonly rule: string;
  readonly code: string;
  readonly says: RegExp;
  readonly service?: ServiceView;
  readonly endpoints?: readonly EndpointView[];
  readonly context?: ClusterContext;
}[] = [
  {
    rule: "its pool has no advertisement",
    code: "NoAdvertisement",
    says: /^no node announces 192\.0\.2\.1: no advertisement selects pool "p": add an L2Advertisement/,
    context: alone(advertised()),
  },
  {
    rule: "only BGPAdvertisements select its pool, and the node has no peer",
    code: "NoBGPNode",
    says: /: no node announces by BGP \(BGPAdvertisement "bgp"\): node a: no BGPPeer that the advertisement is for selects the node$/,
    context: byBgp([]),
  },
  {
    rule: "the BGPAdvertisement is for another peer",
    code: "NoBGPNode",
    says: /node a: no BGPPeer that the advertisement is for/,
    context: byBgp(["a"], { peers: ["another"] }),
  },
  {
    rule: "the BGPAdvertisement selects other nodes",
    code: "NoBGPNode",
    says: /node a: no BGPAdvertisement of the pool selects this node$/,
    context: byBgp(["a"], { nodes: new Set(["b"]) }),
  },
  {
    rule: "no speaker runs that could announce it by BGP",
    code: "NoBGPNode",
    says: /node a: no speaker that is ready runs there$/,
    context: { ...byBgp(["a"]), ...alive() },
  },
  {
    rule: "neither layer 2 nor BGP announces it",
    code: "NoNodeSelected",
    says: /L2Advertisement "l2" selects no node.*; no node announces by BGP/,
    context: byBgp([], {}, [advertisement([])]),
  },
  {
    rule: "the advertisements select other Services",
    code: "ServiceNotSelected",
    says: /the L2Advertisements of pool "p" \("l2"\) have serviceSelectors/,
    context: alone(advertised(advertisement(["a"], { serviceSelectors: gold }))),
  },
  {
    rule: "it shares its address and an advertisement selects Services",
    code: "SharedAddress",
    says: /the Service shares its address/,
    service: service({ labels: { tier: "gold" }, annotations: { "metallb.io/allow-shared-ip": "key" } }),
    context: alone(advertised(advertisement(["a"], { serviceSelectors: gold }))),
  },
  {
    rule: "its advertisement selects no node",
    code: "NoNodeSelected",
    says: /L2Advertisement "l2" selects no node/,
    context: alone(advertised(advertisement([]))),
  },
  {
    rule: "one of its advertisements selects no node, and the nodes of the other are excluded",
    code: "NoEligibleNode",
    says: /no node may announce: node a: label/,
    context: alone({
      ...advertised(advertisement([]), advertisement(["a"], { name: "other" })),
      nodes: new Map([["a", node("a", { labels })]]),
    }),
  },
  { rule: "no endpoint can serve", code: "NoEndpoints", says: /no endpoint of the Service is ready/, endpoints: [] },
  {
    rule: "no pool holds its address",
    code: "AddressInNoPool",
    says: /^no node announces 198\.51\.100\.1: no single IPAddressPool/,
    service: service({ ingress: ["198.51.100.1"] }),
  },
  {
    rule: "an entry of its status is no address",
    code: "AddressUnreadable",
    says: /^no node announces 192\.0\.2\.1: .*an entry without a readable IP address/,
    service: service({ ingress: ["192.0.2.1", ""] }),
  },
  {
    rule: "the only node is excluded by its label",
    code: "NoEligibleNode",
    says: /no node may announce: node a: label node\.kubernetes\.io\/exclude-from-external-load-balancers$/,
    context: alone({ nodes: new Map([["a", node("a", { labels })]]) }),
  },
  {
    rule: "the only node's network is unavailable",
    code: "NoEligibleNode",
    says: /node a: condition NetworkUnavailable is True$/,
    context: alone({ nodes: new Map([["a", node("a", { networkUnavailable: true })]]) }),
  },
  {
    rule: "no speaker runs",
    code: "NoEligibleNode",
    says: /node a: no speaker that is ready runs there$/,
    context: alone(alive()),
  },
  {
    rule: "its traffic policy is Local and no node has an endpoint",
    code: "NoEligibleNode",
    says: /node a: no endpoint there is ready or serving, and externalTrafficPolicy is Local$/,
    service: local,
    endpoints: [{ canServe: true }],
  },
  {
    rule: "there is no node",
    code: "NoEligibleNode",
    says: /no node may announce: there is no node$/,
    context: alone({ nodes: new Map(), ...alive() }),
  },
];
for (const { rule, code, says, ...given } of silent) {
  test(`no node announces a Service when ${rule}, and the explanation says so`, () => {
    const found = explainAnnouncement(given.service ?? service(), given.endpoints ?? onA, given.context ?? alone());
    equal(found.outcome === "silent" && found.code, code);
    match(found.outcome === "silent" ? found.message : "", says);
  });
}

function messageOf(of: ServiceView, endpoints: readonly EndpointView[], ctx: ClusterContext): string {
  const found = explainAnnouncement(of, endpoints, ctx);
  return found.outcome === "silent" ? found.message : found.outcome;
}

test("what else there is to mend is said beside the missing endpoints", () => {
  match(messageOf(local, [], alone(advertised())), /no endpoint of the Service .*; no advertisement selects pool "p"/);
  match(messageOf(local, [], alone(alive())), /no endpoint of the Service .*; no node may announce: node a: no speaker/);
});

test("missing endpoints alone say nothing about nodes, whatever the traffic policy", () => {
  match(messageOf(local, [], alone()), /look at its Pods and selector$/);
});

test("nodes are grouped by what keeps them out, what lacks least first, and those with an endpoint first among equals", () => {
  const ctx = context(["a", "b", "c", "d", "e"], sha256, {
    ...advertised(advertisement(["d", "e"])),
    ...alive("a", "b", "c", "d"),
  });
  const endpoints = ["e", "c"].map((nodeName) => ({ nodeName, canServe: true }));
  match(
    messageOf(local, endpoints, ctx),
    /: node e: no speaker[^;]*; node d: no endpoint there[^;]*; nodes c, a, b: not selected by L2Advertisement "l2"$/,
  );
});

test("at most ten nodes are named in all, the others are counted", () => {
  const many = Array.from({ length: 25 }, (_, index) => `n${String(index).padStart(2, "0")}`);
  const excluded = new Map(many.map((name, index) => [name, node(name, index < 12 ? {} : { labels })]));
  const ctx = context(many, sha256, { ...advertised(advertisement(many)), ...alive(), nodes: excluded });
  match(messageOf(service(), onA, ctx), /: nodes n00, [^;]*, n09 and 2 more: no speaker[^;]*; 13 nodes: label /);
});

test("a Service that nobody is to announce is not explained", () => {
  for (const subject of [service({ isLoadBalancer: false }), service({ loadBalancerClass: "x" }), service({ ingress: [] })]) {
    equal(explainAnnouncement(subject, onA, alone()).outcome, "not-asked");
  }
});

test("nothing is said before the members are known", () => {
  const ctx = alone({ members: unknownMembers });
  deepEqual(standingOf(service(), onA, ctx), { outcome: "not-asked", reason: "membershipUnknown" });
  deepEqual(explainAnnouncement(service(), onA, ctx), { outcome: "not-asked", reason: "membershipUnknown" });
});

test("an address that MetalLB's speakers announce is announced", () => {
  const found = explainAnnouncement(service(), onA, alone({ ...alive(), foreignSpeakers: new Set(["a"]) }));
  const layer2 = { by: "foreign", node: "a" };
  deepEqual(found, { outcome: "announced", pool: "pool", announced: [{ ip: "192.0.2.1", layer2, bgp: [] }] });
});

test("a Service that is announced by BGP alone is announced, by every node that has a peer", () => {
  const found = explainAnnouncement(service(), onA, byBgp(["a"]));
  deepEqual(found, { outcome: "announced", pool: "p", announced: [{ ip: "192.0.2.1", bgp: ["a"] }] });
});

test("the node that announced a Service by BGP before is its witness as long as it does", () => {
  const both = byBgp(["a", "b"], { nodes: new Set(["a", "b"]) });
  const found = standingOf(service(), onA, { ...both, ...alive("a", "b") }, "b");
  deepEqual(found, { outcome: "announced", pool: "p", witness: "b" });
});

test("what MetalLB's speakers announce by BGP is announced", () => {
  const found = standingOf(service(), onA, { ...byBgp(["a"]), ...alive(), foreignSpeakers: new Set(["a"]) });
  deepEqual(found, { outcome: "announced", pool: "p", witness: "a" });
});

test("the explanation names exactly the nodes that decide to announce, for each of its addresses", () => {
  fc.assert(
    fc.property(anySubject, anyContext(sha256), ({ service: of, endpoints }, ctx) => {
      const found = explainAnnouncement(of, endpoints, ctx);
      const expected = nodeNames.flatMap((self) => {
        const verdict = decide(of, endpoints, { ...ctx, self });
        return verdict.type === "announce" ? verdict.announcements.map(({ address }) => [formatAddress(address), self]) : [];
      });
      const announced = found.outcome === "announced" ? found.announced : [];
      deepEqual(
        announced.flatMap(({ ip, layer2 }) => (layer2?.by === "herald" ? [[ip, layer2.node]] : [])),
        expected,
      );
      const speaking = nodeNames.filter((self) => {
        const verdict = decideBgp(of, endpoints, { ...ctx, self, foreignSpeakers: new Set() });
        const runs = ctx.members.alive.has(self) || ctx.foreignSpeakers.has(self);
        return runs && verdict.type === "announce" && ctx.snapshot.peers.some((one) => mayHear(one, self, verdict.announcements));
      });
      for (const { bgp } of announced) deepEqual(bgp, speaking);
    }),
  );
});

function mayHear({ name, nodes }: Peer, node: string, announcements: readonly BgpAnnouncement[]): boolean {
  return nodes.has(node) && announcements.some(({ peers }) => peers.length === 0 || peers.includes(name));
}

test("the cheap answer is the explanation's, whatever node is asked first", () => {
  const hint = fc.option(fc.constantFrom(...nodeNames), { nil: undefined });
  fc.assert(
    fc.property(anySubject, anyContext(sha256), hint, ({ service: of, endpoints }, ctx, witness) => {
      const full = explainAnnouncement(of, endpoints, ctx);
      const cheap = standingOf(of, endpoints, ctx, witness);
      equal(cheap.outcome, full.outcome);
      if (full.outcome !== "announced") deepEqual(cheap, full);
    }),
  );
});

test("whatever is silent has an obstacle, and each is worded", () => {
  fc.assert(
    fc.property(anySubject, anyContext(sha256), ({ service: of, endpoints }, ctx) => {
      const found = explainAnnouncement(of, endpoints, ctx);
      if (found.outcome === "not-asked") deepEqual([of.ingress, found.reason], [[], "noIPAllocated"]);
      if (found.outcome === "silent") match(found.message, /^no node announces \S.*: \S/);
    }),
  );
});
