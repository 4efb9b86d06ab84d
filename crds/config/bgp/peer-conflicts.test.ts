import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, node, peer, type RawObject } from "../fixture/objects.ts";

const early = { createdAt: "2026-01-01T00:00:00Z" };
const late = { createdAt: "2026-02-01T00:00:00Z" };
const nodes = [node("n1", { rack: "1" }), node("n2", { rack: "2" })];
const onRack = (rack: string) => ({ nodeSelectors: [{ matchLabels: { rack } }] });
const address = { peerAddress: "10.0.1.1" };

function frr(bgpPeers: readonly RawObject[], known: readonly object[] = nodes) {
  const { snapshot, findings } = compiled({ bgpPeers, nodes: known }, { backend: "frr" });
  return { standing: snapshot.peers.map(({ name }) => name), said: brief(findings), findings };
}

/** Two peers that differ by this much, the first one the elder. */
const pair = (a: object, b: object) => [peer("a", a, early), peer("b", b, late)];

const refused = [
  { rule: "another router ID", a: { routerID: "1.1.1.1" }, b: { routerID: "2.2.2.2" }, said: "RouterIDConflict b spec.routerID" },
  { rule: "a router ID beside none", a: {}, b: { routerID: "2.2.2.2" }, said: "RouterIDConflict b spec.routerID" },
  {
    rule: "another router ID in another VRF",
    a: { routerID: "1.1.1.1" },
    b: { routerID: "2.2.2.2", vrf: "red" },
    said: "RouterIDConflict b spec.routerID",
  },
  { rule: "the same address", a: address, b: address, said: "PeerDuplicate b spec.peerAddress" },
  {
    rule: "the same address in other letters",
    a: { peerAddress: "2001:db8::a" },
    b: { peerAddress: "2001:DB8:0::A" },
    said: "PeerDuplicate b spec.peerAddress",
  },
  {
    rule: "the same interface",
    a: { peerAddress: undefined, interface: "eth0" },
    b: { peerAddress: undefined, interface: "eth0" },
    said: "PeerDuplicate b spec.peerAddress",
  },
  { rule: "another AS of its own", a: {}, b: { myASN: 65000 }, said: "MyASNConflict b spec.myASN" },
];
for (const { rule, a, b, said } of refused)
  test(`with FRR, two peers on one node cannot have: ${rule}`, () => {
    deepEqual(frr(pair(a, b)), { ...frr(pair(a, b)), standing: ["a"], said: [`error ${said}`] });
    equal(frr(pair({ ...a, ...onRack("1") }, { ...b, ...onRack("2") })).said.length, 0, "on different nodes");
    equal(frr(pair({ ...a, ...onRack("1") }, b)).said.length, 1, "with a node in common");
    equal(frr(pair({ ...a, ...onRack("1") }, { ...b, ...onRack("2") }), []).said.length, 1, "while no node is known");
    deepEqual(brief(compiled({ bgpPeers: pair(a, b), nodes }).findings.filter(({ severity }) => severity === "error")), []);
  });

const allowed = [
  { rule: "the same address in another VRF", a: address, b: { ...address, vrf: "red" } },
  { rule: "another AS in another VRF", a: {}, b: { myASN: 65000, vrf: "red" } },
  { rule: "one router ID in two VRFs", a: { routerID: "1.1.1.1" }, b: { routerID: "1.1.1.1", vrf: "red" } },
];
for (const { rule, a, b } of allowed)
  test(`with FRR, two peers on one node may have: ${rule}`, () => {
    deepEqual(frr(pair(a, b)).said, []);
  });

test("the duplicate is refused in MetalLB's words; both objects, their nodes and the way out stand beside them", () => {
  const [finding] = frr([peer("one", address, early), peer("two", { ...address, ...onRack("1") }, late)]).findings;
  equal(finding?.message, "peer 10.0.1.1 already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node");
  deepEqual(
    finding?.others.map(({ kind, name }) => `${kind} ${name}`),
    ["BGPPeer one"],
  );
  match(finding?.remedy ?? "", /BGPPeer "two" is for node n1, BGPPeer "one" for node n1, n2: node selectors/);
  const [inVrf] = frr(pair({ ...address, vrf: "red" }, { ...address, vrf: "red" })).findings;
  match(inVrf?.message ?? "", /^peer 10\.0\.1\.1-red already exists/);
});

test("of the nodes of a duplicate five are named, and how many there are besides", () => {
  const nodesOf = (count: number): string => {
    const known = Array.from({ length: count }, (_, index) => node(`n${index + 1}`));
    const [finding] = frr(pair(address, address), known).findings;
    return /"b" is for (.*), BGPPeer "a" for/.exec(finding?.remedy ?? "")?.[1] ?? "";
  };
  deepEqual([0, 1, 5, 6, 8].map(nodesOf), [
    "no node yet",
    "node n1",
    "node n1, n2, n3, n4, n5",
    "node n1, n2, n3, n4, n5 and 1 more",
    "node n1, n2, n3, n4, n5 and 3 more",
  ]);
});

test("three routers of a tutorial in their order: the second is a duplicate, the third has another router ID", () => {
  const router = (name: string, spec: object, day: number) =>
    peer(name, { myASN: 65001, peerASN: 65000, ...spec }, { createdAt: `2026-01-0${day}T00:00:00Z` });
  const first = router("router-1", { ...address, routerID: "10.0.2.10" }, 1);
  const second = router("core-router-primary", { ...address, routerID: "10.0.2.10", ...onRack("1") }, 2);
  const third = router("core-router-secondary", { peerAddress: "10.0.1.2", routerID: "10.0.2.11", ...onRack("2") }, 3);
  const { standing, said, findings } = frr([first, second, third]);
  deepEqual(standing, ["router-1"]);
  deepEqual(said, [
    "error PeerDuplicate core-router-primary spec.peerAddress",
    "error RouterIDConflict core-router-secondary spec.routerID",
  ]);
  match(
    findings[1]?.message ?? "",
    /BGPPeer "core-router-secondary": spec\.routerID: RouterID different from that of BGPPeer "router-1"/,
  );
  deepEqual(frr([second, third]).standing, ["core-router-primary", "core-router-secondary"]);
});

test("all that is wrong between two peers is said", () => {
  equal(frr(pair({ ...address }, { ...address, myASN: 1, routerID: "1.1.1.1" })).said.length, 3);
});

test("a peer that is set aside costs no third one its place", () => {
  const three = [
    peer("1", { ...address, ...onRack("1") }, { createdAt: "2026-01-01T00:00:00Z" }),
    peer("2", address, { createdAt: "2026-01-02T00:00:00Z" }),
    peer("3", { ...address, ...onRack("2") }, { createdAt: "2026-01-03T00:00:00Z" }),
  ];
  deepEqual(frr(three).standing, ["1", "3"]);
  deepEqual(frr([peer("0", { ...address, myASN: 0 }, early), peer("1", address, late)]).standing, ["1"]);
});

test("without FRR's limits two sessions of one node with one router are a warning, unless they leave from two addresses", () => {
  const said = (a: object, b: object) => brief(compiled({ bgpPeers: pair(a, b), nodes }).findings);
  deepEqual(said(address, address), ["warning PeerDuplicate b spec.peerAddress"]);
  deepEqual(said({ ...address, sourceAddress: "10.0.0.1" }, address), []);
  deepEqual(said({ ...address, ...onRack("1") }, { ...address, ...onRack("2") }), []);
});
