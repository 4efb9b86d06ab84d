import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, node, object, peer, pool } from "../fixture/objects.ts";
import type { Resources } from "../resources.ts";

const early = { createdAt: "2026-01-01T00:00:00Z" };
const late = { createdAt: "2026-02-01T00:00:00Z" };
const echo = [object("echo", { echoMode: true }), object("plain", {})];
const dual = [pool("six", ["10.0.0.0/24", "2001:db8::/64"])];

function said(resources: Partial<Resources>) {
  const { snapshot, findings } = compiled({ bfdProfiles: echo, pools: dual, ...resources });
  return {
    said: brief(findings).filter((text) => !text.startsWith("pending")),
    peers: snapshot.peers.map(({ name }) => name),
    attached: snapshot.pools.map(({ bgp }) => bgp.map(({ name }) => name)),
    findings,
  };
}

test("BFD echo towards a peer that IPv6 addresses are announced to: the younger of peer and advertisement is set aside", () => {
  const withPeer = (ofPeer: object, ofAd: object) =>
    said({ bgpPeers: [peer("p", { bfdProfile: "echo" }, ofPeer)], bgpAdvertisements: [object("ad", {}, ofAd)] });
  const younger = withPeer(late, early);
  deepEqual([younger.said, younger.peers, younger.attached], [["error BfdEchoOnIPv6 p spec.bfdProfile"], [], [["ad"]]]);
  const elder = withPeer(early, late);
  deepEqual(
    elder.findings[0]?.others.map(({ kind, name }) => `${kind} ${name}`),
    ["BGPPeer p", "BFDProfile echo", "IPAddressPool six"],
  );
  deepEqual([elder.said, elder.peers, elder.attached], [["error BfdEchoOnIPv6 ad spec.peers"], ["p"], [[]]]);
  match(
    elder.findings[0]?.message ?? "",
    /BGPPeer "p" uses BFDProfile "echo" with echoMode.*BGPAdvertisement "ad" announces IPv6 addresses of pool "six"/,
  );
});

const harmless = [
  { rule: "a profile without echo", bgpPeers: [peer("p", { bfdProfile: "plain" })], ads: [object("ad", {})] },
  {
    rule: "an advertisement for other peers",
    bgpPeers: [peer("p", { bfdProfile: "echo" })],
    ads: [object("ad", { peers: ["q"] })],
  },
  { rule: "no advertisement", bgpPeers: [peer("p", { bfdProfile: "echo" })], ads: [] },
  { rule: "a profile that is not there", bgpPeers: [peer("p", { bfdProfile: "none" })], ads: [object("ad", {})] },
];
for (const { rule, bgpPeers, ads } of harmless)
  test(`BFD echo is no matter with ${rule}`, () => {
    deepEqual(said({ bgpPeers, bgpAdvertisements: ads }).said, []);
    const younger = ads.map(({ metadata, spec }) => object(metadata.name, spec, late));
    deepEqual(said({ bgpPeers, bgpAdvertisements: younger }).said, []);
  });

test("BFD echo is no matter where only IPv4 addresses are announced", () => {
  const pools = [pool("four", ["10.0.0.0/24"])];
  deepEqual(said({ pools, bgpPeers: [peer("p", { bfdProfile: "echo" })], bgpAdvertisements: [object("ad", {})] }).said, []);
});

test("an advertisement that names the peer counts as one that is for all", () => {
  const ad = object("ad", { peers: ["p"] }, early);
  deepEqual(said({ bgpPeers: [peer("p", { bfdProfile: "echo" }, late)], bgpAdvertisements: [ad] }).said, [
    "error BfdEchoOnIPv6 p spec.bfdProfile",
  ]);
});

test("a peer set aside because of an advertisement leaves its address to another", () => {
  const bgpPeers = [
    peer("echoing", { peerAddress: "10.9.9.9", bfdProfile: "echo" }, { createdAt: "2026-01-02T00:00:00Z" }),
    peer("plain", { peerAddress: "10.9.9.9" }, { createdAt: "2026-01-03T00:00:00Z" }),
  ];
  const bgpAdvertisements = [object("ad", {}, early)];
  const { snapshot } = compiled({ bfdProfiles: echo, pools: dual, bgpPeers, bgpAdvertisements }, { backend: "frr" });
  deepEqual(
    snapshot.peers.map(({ name }) => name),
    ["plain"],
  );
});

test("peers, and the advertisements of a pool, come by name, whoever is older", () => {
  const aged = (name: string) => (name === "z" ? early : late);
  const result = said({
    bgpPeers: ["m", "z", "a"].map((name) => peer(name, {}, aged(name))),
    bgpAdvertisements: ["m", "z", "a"].map((name) => object(name, {}, aged(name))),
  });
  deepEqual([result.said, result.peers, result.attached], [[], ["a", "m", "z"], [["a", "m", "z"]]]);
});

test("of two objects with one name, the one that is sound stands, however young", () => {
  const { snapshot } = compiled({
    pools: [pool("p", ["typo"], early), pool("p", ["10.0.0.0/24"], late)],
    bgpPeers: [peer("x", { myASN: 0 }, early), peer("x", {}, late)],
  });
  deepEqual([snapshot.pools.length, snapshot.peers.length], [1, 1]);
});

test("two peers, or two advertisements, of one name: one stands", () => {
  const result = said({
    pools: [pool("p", ["10.0.0.0/24"])],
    bgpPeers: [peer("x"), peer("x", { myASN: 1 })],
    bgpAdvertisements: [object("y", {}), object("y", { localPref: 3 })],
  });
  deepEqual(result.said, ["error DuplicateName y metadata.name", "error DuplicateName x metadata.name"]);
  deepEqual([result.peers.length, result.attached[0]?.length], [1, 1]);
});

test("an advertisement that is set aside hears of all that it contradicts, also of what comes later and stands", () => {
  const pools = [pool("p", ["10.0.0.0/24"]), pool("q", ["10.0.1.0/24"])];
  const bgpAdvertisements = [
    object("a", { localPref: 1, ipAddressPools: ["p"] }),
    object("b", { localPref: 2 }),
    object("c", { localPref: 3, ipAddressPools: ["q"] }),
  ];
  const { said: told, attached, findings } = said({ nodes: [node("n")], pools, bgpAdvertisements });
  deepEqual(told, ["error LocalPrefConflict b spec.localPref", "error LocalPrefConflict b spec.localPref"]);
  deepEqual(
    findings.map(({ others }) => others.find(({ kind }) => kind === "BGPAdvertisement")?.name),
    ["a", "c"],
  );
  deepEqual(attached, [["a"], ["c"]]);
});

test("of more than twenty contradictions twenty are told", () => {
  const pools = Array.from({ length: 21 }, (_, i) => pool(`p${i}`, [`10.0.${i}.0/24`]));
  const bgpAdvertisements = [object("a", { localPref: 1 }), object("b", { localPref: 2 })];
  const told = (count: number) => said({ nodes: [node("n")], pools: pools.slice(0, count), bgpAdvertisements }).said.length;
  deepEqual([told(19), told(20), told(21)], [19, 20, 20]);
});
