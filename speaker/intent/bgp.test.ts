import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatCommunity, parseCommunity } from "../../crds/community.ts";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { BgpAdvertisement } from "../../crds/config/snapshot.ts";
import { formatPrefix } from "../../crds/net/prefix.ts";
import { type BgpVerdict, decideBgp, equalBgpAnnouncements } from "./bgp.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { bgpAdvertisement, bgpContext } from "./fixture/bgp-world.ts";
import { node, selecting, service } from "./fixture/world.ts";

const here: readonly EndpointView[] = [{ nodeName: "a", canServe: true }];
const elsewhere: readonly EndpointView[] = [{ nodeName: "b", canServe: true }];
const local = service({ externalTrafficPolicy: "Local" });

function reasonOf(verdict: BgpVerdict): string {
  return verdict.type === "silent" ? verdict.reason : "announced";
}

function announcedOf(verdict: BgpVerdict) {
  return verdict.type === "silent" ? [] : verdict.announcements;
}

function prefixesOf(verdict: BgpVerdict): readonly string[] {
  return announcedOf(verdict).map(({ prefix }) => formatPrefix(prefix));
}

function communities(...texts: readonly string[]) {
  return texts.flatMap((text) => {
    const read = parseCommunity(text);
    return read.ok ? [read.community] : [];
  });
}

const excluded = new Map([["a", node("a", { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } })]]);
const unavailable = new Map([["a", node("a", { networkUnavailable: true })]]);
const unselected = bgpAdvertisement({ serviceSelectors: [selecting({ app: "other" })] });
const contradicting = [bgpAdvertisement({ localPref: 1 }), bgpAdvertisement({ name: "b", localPref: 2 })];

/** In MetalLB's order: each also has whatever comes behind it. */
const everythingBehind = { nodes: unavailable, foreignHere: true, drain: "gone" } as const;
const silences: readonly {
  readonly reason: string;
  readonly of?: ServiceView | undefined;
  readonly endpoints?: readonly EndpointView[];
  readonly advertisements?: readonly BgpAdvertisement[];
  readonly context?: Partial<Context>;
}[] = [
  { reason: "serviceDeleted", of: undefined, endpoints: [], context: everythingBehind },
  { reason: "notLoadBalancer", of: service({ isLoadBalancer: false, ingress: [] }), endpoints: [] },
  { reason: "loadBalancerClassNotOurs", of: service({ loadBalancerClass: "x", ingress: [] }), endpoints: [] },
  { reason: "noIPAllocated", of: service({ ingress: [] }), endpoints: [] },
  { reason: "invalidIP", of: service({ ingress: [""] }), endpoints: [] },
  { reason: "ipNotAllowed", of: service({ ingress: ["203.0.113.1"] }), advertisements: [], endpoints: [] },
  { reason: "notOwner", of: local, advertisements: [], endpoints: [], context: everythingBehind },
  { reason: "notOwner", advertisements: [bgpAdvertisement({ nodes: new Set(["b"]) })] },
  { reason: "noMatchingAdvertisement", of: local, advertisements: [unselected], endpoints: [], context: everythingBehind },
  { reason: "conflictingAdvertisements", of: local, advertisements: contradicting, endpoints: [], context: everythingBehind },
  { reason: "nodeNetworkUnavailable", of: local, endpoints: [], context: everythingBehind },
  { reason: "nodeLabeledExcludeBalancers", of: local, endpoints: [], context: { ...everythingBehind, nodes: excluded } },
  { reason: "noLocalEndpoints", of: local, endpoints: [], context: { drain: "gone" } },
  { reason: "noLocalEndpoints", of: local, endpoints: elsewhere },
  { reason: "noLocalEndpoints", of: local, endpoints: [{ nodeName: "a", canServe: false }, ...elsewhere] },
  { reason: "noEndpoints", endpoints: [{ nodeName: "a", canServe: false }], context: { drain: "gone" } },
  { reason: "nodeDrained", context: { drain: "gone", foreignHere: true } },
  { reason: "foreignSpeaker", context: { foreignHere: true } },
  { reason: "announced", endpoints: elsewhere },
  { reason: "announced", of: local },
  { reason: "announced", context: { foreignSpeakers: new Set(["a", "b"]) } },
  { reason: "announced", context: { nodes: excluded, options: { lbClass: undefined, ignoreExcludeLB: true } } },
];
for (const [index, { reason, endpoints = here, advertisements = [bgpAdvertisement()], context, ...rest }] of silences.entries())
  test(`the first reason that holds is said: ${reason} (${index})`, () => {
    const asked = "of" in rest ? rest.of : service();
    equal(reasonOf(decideBgp(asked, endpoints, bgpContext(advertisements, context))), reason);
  });

test("every address is announced by every advertisement, as the prefix of its length", () => {
  const wide = bgpAdvertisement({ name: "wide", aggregationLength: { IPv4: 26, IPv6: 96 }, peers: ["router"] });
  const both = service({ ingress: ["192.0.2.70", "2001:db8::7"] });
  const verdict = decideBgp(both, here, bgpContext([bgpAdvertisement(), wide]));
  deepEqual(prefixesOf(verdict), ["192.0.2.70/32", "192.0.2.64/26", "2001:db8::7/128", "2001:db8::/96"]);
  deepEqual(
    announcedOf(verdict).map(({ advertisement, peers }) => [advertisement, ...peers]),
    [["bgp"], ["wide", "router"], ["bgp"], ["wide", "router"]],
  );
});

test("a route says what its advertisement says", () => {
  const said = { localPref: 7, asPathPrepend: 2, communities: communities("1:1", "large:1:2:3") };
  deepEqual(announcedOf(decideBgp(service(), here, bgpContext([bgpAdvertisement(said)])))[0]?.attributes, said);
});

test("advertisements contradict one another where one peer would hear two preferences of one prefix from one node", () => {
  const first = bgpAdvertisement({ localPref: 1, peers: ["x"] });
  const second = (changes: Partial<BgpAdvertisement>) => bgpAdvertisement({ name: "b", localPref: 2, peers: ["x"], ...changes });
  const reason = (changes: Partial<BgpAdvertisement>) =>
    reasonOf(decideBgp(service(), here, bgpContext([first, second(changes)])));
  equal(reason({}), "conflictingAdvertisements");
  equal(reason({ peers: [] }), "conflictingAdvertisements");
  equal(reason({ peers: ["y"] }), "announced");
  equal(reason({ localPref: 1 }), "announced");
  equal(reason({ nodes: new Set(["b"]) }), "announced");
  equal(reason({ aggregationLength: { IPv4: 24, IPv6: 128 } }), "conflictingAdvertisements");
  equal(reason({ aggregationLength: { IPv4: 24, IPv6: 64 } }), "announced");
});

test("in a pool of one family the other's length does not matter", () => {
  const bgp = [
    bgpAdvertisement({ localPref: 1 }),
    bgpAdvertisement({ localPref: 2, aggregationLength: { IPv4: 24, IPv6: 128 } }),
  ];
  const context = { snapshot: snapshot(pool("pool", ["192.0.2.0/24"], { bgp })) };
  equal(reasonOf(decideBgp(service(), here, bgpContext([], context))), "announced");
});

test("an advertisement that is not ready keeps what it announced, as it was, and says nothing new", () => {
  const ready = bgpAdvertisement({ communities: communities("1:1", "2:2") });
  const waiting = bgpAdvertisement({ communities: communities("1:1"), notReady: "no such community" });
  const before = announcedOf(decideBgp(service(), here, bgpContext([ready])));
  deepEqual(announcedOf(decideBgp(service(), here, bgpContext([waiting]), before)), before);
  equal(reasonOf(decideBgp(service({ ingress: ["192.0.2.2"] }), here, bgpContext([waiting]), before)), "advertisementNotReady");
  equal(reasonOf(decideBgp(service(), here, bgpContext([{ ...waiting, name: "c" }]), before)), "advertisementNotReady");
  const longer = { ...waiting, aggregationLength: { IPv4: 31, IPv6: 128 } };
  const zero = service({ ingress: ["192.0.2.0"] });
  const wide = announcedOf(decideBgp(zero, here, bgpContext([ready])));
  equal(reasonOf(decideBgp(zero, here, bgpContext([longer]), wide)), "advertisementNotReady");
  const other = bgpAdvertisement({ name: "other", aggregationLength: { IPv4: 24, IPv6: 64 } });
  deepEqual(prefixesOf(decideBgp(service(), here, bgpContext([waiting, other]))), ["192.0.2.0/24"]);
});

test("a node that is being drained says that its paths are about to go, then withdraws them", () => {
  const said = bgpAdvertisement({ localPref: 300, communities: communities("1:1", "65535:65281") });
  const [leaving] = announcedOf(decideBgp(service(), here, bgpContext([said], { drain: "leaving" })));
  deepEqual(leaving?.attributes.communities.map(formatCommunity), ["1:1", "65535:0", "65535:65281"]);
  equal(leaving?.attributes.localPref, 0);
  const already = bgpAdvertisement({ communities: communities("65535:0") });
  const [once] = announcedOf(decideBgp(service(), here, bgpContext([already], { drain: "leaving" })));
  equal(once?.attributes.communities.length, 1);
  equal(reasonOf(decideBgp(service(), here, bgpContext([said], { drain: "gone" }))), "nodeDrained");
});

test("what an advertisement that is not ready announced is as before the drain when that is over", () => {
  const changes = { localPref: 300, communities: communities("1:1") };
  const waiting = bgpAdvertisement({ ...changes, notReady: "no such community" });
  const before = announcedOf(decideBgp(service(), here, bgpContext([bgpAdvertisement(changes)])));
  const leaving = announcedOf(decideBgp(service(), here, bgpContext([waiting], { drain: "leaving" }), before));
  equal(leaving[0]?.attributes.localPref, 0);
  deepEqual(announcedOf(decideBgp(service(), here, bgpContext([waiting], { drain: "leaving" }), leaving)), leaving);
  deepEqual(announcedOf(decideBgp(service(), here, bgpContext([waiting]), leaving)), before);
  const marked = { ...waiting, communities: communities("65535:0") };
  deepEqual(announcedOf(decideBgp(service(), here, bgpContext([marked]), leaving)), leaving);
});

test("the link bandwidth counts the endpoints here, where only these get what comes in", () => {
  const weighted = bgpContext([bgpAdvertisement({ linkBandwidth: true })]);
  const endpoints: readonly EndpointView[] = [{ nodeName: "a", canServe: true, count: 3 }, ...here, ...elsewhere];
  const bandwidth = (verdict: BgpVerdict) => announcedOf(verdict)[0]?.attributes.linkBandwidth;
  equal(bandwidth(decideBgp(local, endpoints, weighted)), 4 * 125_000_000);
  equal(bandwidth(decideBgp(service(), endpoints, weighted)), undefined);
  equal(bandwidth(decideBgp(local, endpoints, bgpContext([bgpAdvertisement()]))), undefined);
});

test("no verdict depends on who else is a member", () => {
  fc.assert(
    fc.property(fc.subarray(["a", "b"]), fc.constantFrom("joining", "freeze", "elect"), (alive, conduct) => {
      const base = bgpContext([bgpAdvertisement()]);
      const members = { ...base.members, alive: new Set(alive), conduct } as Context["members"];
      equal(reasonOf(decideBgp(service(), here, { ...base, members })), "announced");
    }),
  );
});

test("announcements are the same when they say the same in the same order", () => {
  const announce = (changes: Partial<BgpAdvertisement> = {}, ingress: readonly string[] = ["192.0.2.1", "192.0.2.2"]) =>
    announcedOf(decideBgp(service({ ingress }), here, bgpContext([bgpAdvertisement(changes)])));
  const said = announce();
  equal(equalBgpAnnouncements(said, said), true);
  equal(equalBgpAnnouncements(said, announce()), true);
  const others = [
    announce({ name: "other" }),
    announce({ peers: ["router"] }),
    announce({ communities: communities("1:1") }),
    announce({}, ["192.0.2.1", "192.0.2.3"]),
    announce({}, ["192.0.2.1"]),
    announce({ aggregationLength: { IPv4: 30, IPv6: 128 } }),
    announce().toReversed(),
  ];
  for (const other of others) {
    equal(equalBgpAnnouncements(said, other), false);
    equal(equalBgpAnnouncements(other, said), false);
  }
});
