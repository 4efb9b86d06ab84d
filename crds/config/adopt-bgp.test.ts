import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Adopted, adopt } from "./adopt.ts";
import type { Backend } from "./backend.ts";
import { brief, Generations, node, object, peer, pool } from "./fixture/objects.ts";
import { emptyResources, type Resources } from "./resources.ts";

type State = { readonly [list in keyof Resources]?: readonly object[] };

/** Adopts one state of the cluster after the other. */
function history(backend: Backend, ...states: readonly State[]): Adopted {
  const generations = new Generations();
  const adopted = states.reduce<Adopted | undefined>(
    (before, state) => adopt(before, { ...emptyResources, ...generations.store(state) }, { backend }),
    undefined,
  );
  return adopted ?? adopt(undefined, emptyResources);
}

const errors = ({ findings }: Adopted) => brief(findings.filter(({ severity }) => severity === "error"));
const attached = ({ snapshot }: Adopted) =>
  Object.fromEntries(snapshot.pools.map(({ name, bgp }) => [name, bgp.map((each) => `${each.name} ${each.localPref}`)]));
const nodesOf = ({ snapshot }: Adopted) => Object.fromEntries(snapshot.peers.map(({ name, nodes }) => [name, [...nodes].join()]));
const early = { createdAt: "2026-01-01T00:00:00Z" };
const late = { createdAt: "2026-02-01T00:00:00Z" };

test("a peer with an error keeps its last good meaning", () => {
  const adopted = history("herald", { bgpPeers: [peer("p", { holdTime: "9s" })] }, { bgpPeers: [peer("p", { holdTime: "1s" })] });
  deepEqual([adopted.snapshot.peers[0]?.timers?.holdTimeSeconds, errors(adopted)], [9, ["error TimersInvalid p spec.holdTime"]]);
});

test("a BFD profile with an error keeps its last good meaning", () => {
  const profile = (minimumTtl: number) => ({ bfdProfiles: [object("f", { minimumTtl })] });
  const adopted = history("herald", profile(3), profile(0));
  deepEqual([adopted.snapshot.bfdProfiles.get("f")?.minimumTtl, errors(adopted).length], [3, 1]);
});

test("a Community with an error keeps its last good meaning, against another that takes its name", () => {
  const alias = (name: string, value: string, meta = late) => object(name, { communities: [{ name: "x", value }] }, meta);
  const state = (...communities: readonly object[]) => ({
    pools: [pool("p", ["10.0.0.0/24"])],
    bgpAdvertisements: [object("ad", { communities: ["x"] })],
    communities,
  });
  const adopted = history("herald", state(alias("c", "1:1")), state(alias("c", "bad"), alias("d", "2:2", early)));
  deepEqual(adopted.snapshot.pools[0]?.bgp[0]?.communities, [{ type: "standard", value: 65537 }]);
  deepEqual(errors(adopted), [
    "error CommunityInvalid c spec.communities[0].value",
    "error CommunityDuplicate d spec.communities[0].name",
  ]);
});

test("an advertisement with an error keeps its last good meaning, on pools of the present", () => {
  const state = (spec: object, ...names: readonly string[]) => ({
    pools: names.map((name, index) => pool(name, [`10.0.${index}.0/24`])),
    bgpAdvertisements: [object("ad", spec)],
  });
  const adopted = history("herald", state({ localPref: 7 }, "p"), state({ localPref: 8, aggregationLength: 33 }, "p", "q"));
  deepEqual(
    [attached(adopted), errors(adopted)],
    [{ p: ["ad 7"], q: ["ad 7"] }, ["error AggregationLengthInvalid ad spec.aggregationLength"]],
  );
});

const aggregate = object("ad", { aggregationLength: 24 });

test("a pool that becomes too small for an aggregate stands, and what was announced of it stays", () => {
  const state = (entry: string) => ({ pools: [pool("p", [entry]), pool("q", ["10.1.0.0/24"])], bgpAdvertisements: [aggregate] });
  const adopted = history("herald", state("10.0.0.0/24"), state("10.0.0.0/28"), state("10.0.0.0/29"));
  deepEqual(
    [attached(adopted), errors(adopted)],
    [{ p: ["ad 0"], q: ["ad 0"] }, ["error AggregationMisfit ad spec.aggregationLength"]],
  );
  equal(adopted.snapshot.pools[0]?.entries[0]?.text, "10.0.0.0/29");
});

test("a new pool that is too small for an aggregate is not announced by it; the other pools are as before", () => {
  const large = pool("p", ["10.0.0.0/24"]);
  const state = (...pools: readonly object[]) => ({ pools, bgpAdvertisements: [aggregate] });
  const adopted = history(
    "herald",
    state(large),
    state(large, pool("small", ["10.1.0.0/28"])),
    state(large, pool("small", ["10.1.0.0/28"])),
  );
  deepEqual(
    [attached(adopted), errors(adopted)],
    [{ p: ["ad 0"], small: [] }, ["error AggregationMisfit ad spec.aggregationLength"]],
  );
});

test("an edit that brings a local preference into conflict leaves both advertisements as they were", () => {
  const state = (oldPref: number) => ({
    pools: [pool("p", ["10.0.0.0/24"])],
    nodes: [node("n1")],
    bgpAdvertisements: [object("old", { localPref: oldPref }, early), object("young", { localPref: 1 }, late)],
  });
  const adopted = history("herald", state(1), state(2));
  deepEqual(attached(adopted), { p: ["old 1", "young 1"] });
  deepEqual(errors(adopted), ["error LocalPrefConflict old spec.localPref"]);
});

const on = (label: string) => ({ nodeSelectors: [{ matchLabels: { [label]: "yes" } }] });
const apart = [node("n1", { a: "yes" }), node("n2", { b: "yes" }), node("n3", { b: "yes" })];
const met = [node("n1", { a: "yes" }), node("n2", { a: "yes", b: "yes" }), node("n3", { b: "yes" })];

test("when two advertisements come to meet on a node, the younger gives up the pool where they do, and it alone is blamed", () => {
  const bgpAdvertisements = [
    object("old", { localPref: 1, ipAddressPools: ["p"], ...on("a") }, early),
    object("young", { localPref: 2, ...on("b") }, late),
  ];
  const state = { pools: [pool("p", ["10.0.0.0/24"]), pool("q", ["10.1.0.0/24"])], bgpAdvertisements };
  deepEqual(attached(history("herald", { ...state, nodes: apart })), { p: ["old 1", "young 2"], q: ["young 2"] });
  const adopted = history("herald", { ...state, nodes: apart }, { ...state, nodes: met });
  deepEqual(attached(adopted), { p: ["old 1"], q: ["young 2"] });
  deepEqual(errors(adopted), ["error LocalPrefConflict young spec.localPref"]);
  deepEqual(attached(history("herald", { ...state, nodes: met })), { p: ["old 1"], q: [] }, "nothing is in force at the start");
});

const address = { peerAddress: "10.0.0.1" };

test("when two peers of one address come to meet on a node, the younger gives up that node, and it alone is blamed", () => {
  const bgpPeers = [peer("old", { ...address, ...on("a") }, early), peer("young", { ...address, ...on("b") }, late)];
  const before = history("frr", { bgpPeers, nodes: apart });
  deepEqual([nodesOf(before), errors(before)], [{ old: "n1", young: "n2,n3" }, []]);
  const adopted = history("frr", { bgpPeers, nodes: apart }, { bgpPeers, nodes: met });
  deepEqual(nodesOf(adopted), { old: "n1,n2", young: "n3" });
  deepEqual(errors(adopted), ["error PeerDuplicate young spec.peerAddress"]);
  deepEqual(nodesOf(history("frr", { bgpPeers, nodes: met })), { old: "n1,n2" }, "nothing is in force at the start");
});

test("a new peer cannot take the address of the last good meaning of another", () => {
  const adopted = history(
    "frr",
    { bgpPeers: [peer("p", address, late)] },
    { bgpPeers: [peer("p", { ...address, holdTime: "1s" }, late), peer("q", address, early)] },
  );
  deepEqual(Object.keys(nodesOf(adopted)), ["p"]);
  deepEqual(errors(adopted), ["error TimersInvalid p spec.holdTime", "error PeerDuplicate q spec.peerAddress"]);
});

test("a profile that begins to echo takes neither its peer nor the advertisement out of force", () => {
  const state = (echoMode: boolean) => ({
    pools: [pool("p", ["2001:db8::/64"])],
    bfdProfiles: [object("f", { echoMode })],
    bgpPeers: [peer("peer", { bfdProfile: "f" }, late)],
    bgpAdvertisements: [object("ad", {}, early)],
  });
  const adopted = history("herald", state(false), state(true), state(true));
  deepEqual([attached(adopted), adopted.snapshot.peers.length], [{ p: ["ad 0"] }, 1]);
  deepEqual(errors(adopted), ["error BfdEchoOnIPv6 peer spec.bfdProfile"]);
});

test("a deleted peer, profile, alias or advertisement has no meaning any more", () => {
  const all = {
    pools: [pool("p", ["10.0.0.0/24"])],
    bfdProfiles: [object("f", {})],
    bgpPeers: [peer("peer")],
    bgpAdvertisements: [object("ad", {})],
    communities: [object("c", { communities: [{ name: "x", value: "1:1" }] })],
  };
  const adopted = history("herald", all, { pools: all.pools, bgpAdvertisements: [object("ad2", { communities: ["x"] })] });
  deepEqual([adopted.snapshot.peers, adopted.snapshot.bfdProfiles.size, attached(adopted)], [[], 0, { p: ["ad2 0"] }]);
  deepEqual(adopted.snapshot.pools[0]?.bgp[0]?.communities, []);
});

test("a peer that stands because its opponent was set aside stays in force when that comes back, without having outranked others", () => {
  const young = peer("young", { peerAddress: "192.0.2.2", bfdProfile: "f" });
  const other = peer("other", { peerAddress: "192.0.2.2" });
  const old = (spec: object) => peer("old", { bfdProfile: "f", ...spec });
  const state = (last: object) => ({
    pools: [pool("p", ["2001:db8::/64"])],
    bgpPeers: [young, other, last],
    bgpAdvertisements: [object("ad", {})],
    bfdProfiles: [object("f", { echoMode: true })],
  });
  const lives = [{ bgpPeers: [old({})] }, state(old({ holdTime: "1s" })), state(old({ holdTime: "1s" }))] as const;
  const blamed = (adopted: Adopted) => adopted.findings.find(({ code }) => code === "PeerDuplicate")?.object.name;
  const spared = history("herald", ...lives);
  deepEqual([nodesOf(spared), attached(spared), blamed(spared)], [{ old: "", other: "", young: "" }, { p: [] }, "young"]);
  const mended = history("herald", ...lives, state(peer("old")));
  deepEqual([nodesOf(mended), errors(mended)], [{ old: "", other: "", young: "" }, ["error BfdEchoOnIPv6 ad spec.peers"]]);
});
