import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Backend } from "../../crds/config/backend.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import { verdict } from "./admission.ts";
import type { AdmittedKind } from "./placement.ts";
import type { AdmissionRequest, Operation } from "./request.ts";
import { sceneOf } from "./scene.ts";

const namespace = "metallb-system";

type Thing = { readonly metadata: { readonly name: string }; readonly spec: object };
type Asked = {
  readonly stored?: Partial<Resources>;
  readonly backend?: Backend;
  readonly operation?: Operation;
  readonly own?: string;
};

function thing(name: string, spec: object, created = "2026-01-01T00:00:00Z"): Thing {
  const metadata = { name, namespace, generation: 1, creationTimestamp: created };
  return { metadata, spec };
}
const peer = (name: string, spec: object = {}): Thing =>
  thing(name, { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1", ...spec });
const pool = (name: string, addresses: readonly string[], labels: object = {}) => {
  const { metadata, spec } = thing(name, { addresses, avoidBuggyIPs: true });
  return { metadata: { ...metadata, labels }, spec };
};
const nodes = ["n1", "n2"].map((name) => ({ metadata: { name, labels: { name } } }));

/** The answer with every list known, whether it holds something or not. */
function ask(
  kind: AdmittedKind,
  object: Thing,
  { stored = {}, backend = "herald", operation = "CREATE", own = namespace }: Asked = {},
) {
  const { name } = object.metadata;
  const asked: AdmissionRequest = {
    uid: "u",
    kind,
    operation,
    namespace: own,
    name,
    object: operation === "DELETE" ? undefined : object,
    oldObject: undefined,
    dryRun: false,
  };
  const without = { ...emptyResources, ...stored };
  const known = new Set(Object.keys(emptyResources) as (keyof Resources)[]);
  const answer = verdict(asked, sceneOf(asked, kind, { namespace, backend, without, known }));
  return { allowed: answer.allowed, text: (answer.allowed ? answer.warnings : answer.reasons).join("\n"), all: answer };
}

type Rule = readonly [what: string, kind: AdmittedKind, object: Thing, says: RegExp, asked?: Asked];

const withAlias = { communities: [thing("c", { communities: [{ name: "known", value: "1:2" }] })] };
const twoNodes = { nodes };
const bgp = (name: string, spec: object = {}) => thing(name, spec);

const denied: readonly Rule[] = [
  ["myASN 0", "BGPPeer", peer("p", { myASN: 0 }), /myASN/],
  ["no remote AS", "BGPPeer", peer("p", { peerASN: undefined }), /neither peerASN nor dynamicASN/],
  ["two remote AS", "BGPPeer", peer("p", { dynamicASN: "external" }), /peerASN and dynamicASN are both set/],
  ["multihop within one AS", "BGPPeer", peer("p", { peerASN: 64512, ebgpMultiHop: true }), /external peers only/],
  ["no peer address", "BGPPeer", peer("p", { peerAddress: undefined }), /neither peerAddress nor interface/],
  ["address and interface", "BGPPeer", peer("p", { interface: "eth0" }), /peerAddress and interface are both set/],
  ["an address that is none", "BGPPeer", peer("p", { peerAddress: "router" }), /invalid BGPPeer address/],
  [
    "a password that TCP MD5 does not take",
    "BGPPeer",
    peer("p", { password: "x".repeat(81) }),
    /81 octets: TCP MD5 takes at most 80/,
  ],
  ["a router ID that is none", "BGPPeer", peer("p", { routerID: "one" }), /no router ID/],
  ["a source address that is none", "BGPPeer", peer("p", { sourceAddress: "eth0" }), /is not an IP address/],
  ["a hold time below three seconds", "BGPPeer", peer("p", { holdTime: "2s" }), /holdTime/],
  ["a keepalive time above the hold time", "BGPPeer", peer("p", { holdTime: "3s", keepaliveTime: "9s" }), /keepalive/i],
  ["a selector twice", "BGPPeer", peer("p", { nodeSelectors: [{}, {}] }), /nodeSelectors\[1\]/],
  ["a VRF under native", "BGPPeer", peer("p", { vrf: "red" }), /METALLB_BGP_TYPE=native/, { backend: "native" }],
  [
    "a second peer of one address under frr",
    "BGPPeer",
    peer("q"),
    /peer 192\.0\.2\.1 already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node/,
    { backend: "frr", stored: { ...twoNodes, bgpPeers: [peer("p")] } },
  ],
  ["an aggregation length above 32", "BGPAdvertisement", bgp("a", { aggregationLength: 33 }), /invalid aggregation length 33/],
  [
    "an aggregate larger than its pool",
    "BGPAdvertisement",
    bgp("a", { aggregationLength: 24 }),
    /invalid aggregation length 24: prefix 28 in this pool is more specific than the aggregation length for addresses 10\.0\.0\.0\/28/,
    { stored: { pools: [pool("p", ["10.0.0.0/28"])] } },
  ],
  [
    "another local preference for the same routes",
    "BGPAdvertisement",
    bgp("b", { localPref: 200 }),
    /local preference 200 on pool "p" conflicts with 100 of BGPAdvertisement "a"/,
    { stored: { ...twoNodes, pools: [pool("p", ["10.0.0.0/28"])], bgpAdvertisements: [bgp("a", { localPref: 100 })] } },
  ],
  [
    "a community out of bounds",
    "BGPAdvertisement",
    bgp("a", { communities: ["1:65536"] }),
    /invalid community value: invalid section/,
  ],
  [
    "another marker than large",
    "BGPAdvertisement",
    bgp("a", { communities: ["x:1:2:3"] }),
    /expected community to be of format large/,
  ],
  ["a peer twice", "BGPAdvertisement", bgp("a", { peers: ["p", "p"] }), /spec\.peers\[1\]/],
  [
    "a large community under native",
    "BGPAdvertisement",
    bgp("a", { communities: ["large:1:2:3"] }),
    /native/,
    { backend: "native" },
  ],
  [
    "a pool with IPv6 under native",
    "BGPAdvertisement",
    bgp("a"),
    /IPv6/,
    { backend: "native", stored: { pools: [pool("p", ["fc00::/120"])] } },
  ],
  ["a pool named twice", "L2Advertisement", thing("l", { ipAddressPools: ["p", "p"] }), /ipAddressPools\[1\]/],
  [
    "a preference that cannot be read",
    "L2Advertisement",
    thing("l", { preferredNodeSelectors: [{ weight: 1, preference: { matchExpressions: [{ key: "a", operator: "In" }] } }] }),
    /preferredNodeSelectors\[0\]/,
  ],
  [
    "an alias that another object has",
    "Community",
    thing("d", { communities: [{ name: "known", value: "3:4" }] }),
    /duplicate definition of community "known": Community "c"/,
    { stored: withAlias },
  ],
  [
    "an alias without a value",
    "Community",
    thing("d", { communities: [{ name: "x", value: "nonsense" }] }),
    /invalid community format/,
  ],
  [
    "a large alias under native",
    "Community",
    thing("d", { communities: [{ name: "x", value: "large:1:2:3" }] }),
    /native/,
    { backend: "native" },
  ],
];
for (const [what, kind, object, says, asked] of denied)
  test(`${kind}: ${what} is denied, on creation and on update`, () => {
    for (const operation of ["CREATE", "UPDATE"] as const) {
      const answer = ask(kind, object, { ...asked, operation });
      equal(answer.allowed, false, answer.text);
      match(answer.text, says);
    }
  });

const echo = thing("fast", { echoMode: true });
const onIPv6 = { pools: [pool("p", ["fc00::/120"])], bgpAdvertisements: [bgp("a")], bfdProfiles: [echo] };

const warned: readonly Rule[] = [
  ["two passwords", "BGPPeer", peer("p", { password: "x", passwordSecret: { name: "s" } }), /both set/],
  [
    "a BFD profile to come",
    "BGPPeer",
    peer("p", { bfdProfile: "later" }),
    /non existing bfd profile later[\s\S]*Create BFDProfile/,
  ],
  [
    "a Secret with a password that TCP MD5 does not take",
    "BGPPeer",
    peer("p", { passwordSecret: { name: "s" } }),
    /81 octets: TCP MD5 takes at most 80[\s\S]*Choose a shorter one/,
    { stored: { secrets: [{ metadata: { name: "s" }, type: "kubernetes.io/basic-auth", octets: { password: 81 } }] } },
  ],
  ["a BFD profile under native", "BGPPeer", peer("p", { bfdProfile: "later" }), /native/, { backend: "native" }],
  ["BFD echo where IPv6 is announced", "BGPPeer", peer("p", { bfdProfile: "fast" }), /echoMode/, { stored: onIPv6 }],
  ["a second peer of one address", "BGPPeer", peer("q"), /has the same address/, { stored: { bgpPeers: [peer("p")] } }],
  ["deprecated disableMP", "BGPPeer", peer("p", { disableMP: true }), /disableMP: deprecated/],
  ["a pool to come", "BGPAdvertisement", bgp("a", { ipAddressPools: ["later"] }), /names IPAddressPool "later"/],
  ["a peer to come", "BGPAdvertisement", bgp("a", { peers: ["later"] }), /names BGPPeer "later"/],
  [
    "an alias to come",
    "BGPAdvertisement",
    bgp("a", { communities: ["later"] }),
    /invalid community format: later[\s\S]*create one/,
  ],
  [
    "what may be an alias with colons",
    "BGPAdvertisement",
    bgp("a", { communities: ["1:2:3"] }),
    /invalid community format: 1:2:3/,
  ],
  [
    "BFD echo where IPv6 is announced",
    "BGPAdvertisement",
    bgp("a"),
    /echoMode/,
    { stored: { ...onIPv6, bgpAdvertisements: [], bgpPeers: [peer("p", { bfdProfile: "fast" })] } },
  ],
  ["a profile under native", "BFDProfile", thing("b", {}), /native/, { backend: "native" }],
  [
    "a profile that a peer cannot have",
    "BFDProfile",
    echo,
    /BGPPeer "p" uses BFDProfile "fast"/,
    { stored: { ...onIPv6, bfdProfiles: [], bgpPeers: [peer("p", { bfdProfile: "fast" })] } },
  ],
  [
    "a pool that becomes too small for an advertisement",
    "IPAddressPool",
    pool("p", ["10.0.0.0/28"]),
    /invalid aggregation length 24/,
    {
      operation: "UPDATE",
      stored: { pools: [pool("p", ["10.0.0.0/24"])], bgpAdvertisements: [bgp("a", { aggregationLength: 24 })] },
    },
  ],
  [
    "IPv6 in an advertised pool under native",
    "IPAddressPool",
    pool("p", ["10.0.0.0/24", "fc00::/120"]),
    /IPv6/,
    { operation: "UPDATE", backend: "native", stored: { pools: [pool("p", ["10.0.0.0/24"])], bgpAdvertisements: [bgp("a")] } },
  ],
  [
    "labels by which an advertisement found the pool",
    "IPAddressPool",
    pool("p", ["10.0.0.0/24"]),
    /L2Advertisement "l": spec\.ipAddressPoolSelectors: no IPAddressPool has such labels yet/,
    {
      operation: "UPDATE",
      stored: {
        pools: [pool("p", ["10.0.0.0/24"], { tier: "x" })],
        l2Advertisements: [thing("l", { ipAddressPoolSelectors: [{ matchLabels: { tier: "x" } }] })],
      },
    },
  ],
  [
    "an alias that is taken away from an advertisement",
    "Community",
    thing("c", { communities: [] }),
    /invalid community format: known/,
    { operation: "UPDATE", stored: { ...withAlias, bgpAdvertisements: [bgp("a", { communities: ["known"] })] } },
  ],
];
for (const [what, kind, object, says, asked] of warned)
  test(`${kind}: ${what} is allowed with a warning`, () => {
    const answer = ask(kind, object, asked);
    equal(answer.allowed, true, answer.text);
    match(answer.text, says);
  });

test("of disableMP nothing is said when a peer that has it is changed", () => {
  const stored = { bgpPeers: [peer("p", { disableMP: true })] };
  const { all } = ask("BGPPeer", peer("p", { disableMP: true, peerPort: 1179 }), { stored, operation: "UPDATE" });
  deepEqual(all, { allowed: true, warnings: [] });
});

test("an alias that contains colons is known by its name", () => {
  const communities = [thing("c", { communities: [{ name: "x:1:2:3", value: "1:2" }] })];
  const { allowed, text } = ask("BGPAdvertisement", bgp("a", { communities: ["x:1:2:3"] }), { stored: { communities } });
  deepEqual([allowed, /community/.test(text)], [true, false]);
});

test("while no node is known local preferences conflict with nobody, and peers with everybody", () => {
  const stored = { pools: [pool("p", ["10.0.0.0/28"])], bgpAdvertisements: [bgp("a", { localPref: 100 })] };
  equal(ask("BGPAdvertisement", bgp("b", { localPref: 200 }), { stored }).allowed, true);
  equal(ask("BGPPeer", peer("q"), { backend: "frr", stored: { bgpPeers: [peer("p")] } }).allowed, false);
});

test("peers on different nodes do not clash under frr, and the refusal of others names both, their nodes and the way out", () => {
  const on = (name: string) => ({ nodeSelectors: [{ matchLabels: { name } }] });
  const stored = { nodes, bgpPeers: [peer("p", on("n1"))] };
  equal(ask("BGPPeer", peer("q", on("n2")), { backend: "frr", stored }).allowed, true);
  const { text } = ask("BGPPeer", peer("q"), { backend: "frr", stored });
  for (const part of ['"p"', '"q"', "n1", "n1, n2", "node selectors"]) ok(text.includes(part), `${part} in ${text}`);
});

test("what was wrong or odd before is not said again, and stands in nobody's way", () => {
  const stored = {
    bgpPeers: [peer("p", { myASN: 0 })],
    bgpAdvertisements: [bgp("a", { ipAddressPools: ["later"] })],
    pools: [pool("lonely", ["10.9.0.0/28"])],
    l2Advertisements: [thing("l", { ipAddressPools: ["b"] })],
  };
  deepEqual(ask("IPAddressPool", pool("b", ["10.0.0.0/28"]), { stored }).all, { allowed: true, warnings: [] });
  const again = ask("BGPPeer", peer("p", { myASN: 0, peerPort: 1179 }), { stored, operation: "UPDATE" });
  deepEqual(again.all, { allowed: true, warnings: [] });
});

test("a deletion is denied for a BFDProfile in use only; of another object it says what follows", () => {
  const stored = { ...onIPv6, bgpPeers: [peer("p", { bfdProfile: "fast" })], bfdProfiles: [thing("fast", {})] };
  const profile = ask("BFDProfile", thing("fast", {}), { stored, operation: "DELETE" });
  deepEqual([profile.allowed, profile.all.warnings], [false, []]);
  match(profile.text, /^failed to delete BFDProfile "fast": used by BGPPeer "p"\. Remove spec\.bfdProfile there first\.$/);
  const last = ask("IPAddressPool", pool("p", []), { stored, operation: "DELETE" });
  equal(last.allowed, true);
  match(last.text, /BGPAdvertisement "a": there is no IPAddressPool in force yet: it announces nothing/);
});

test("an error that a write brings upon others alone is a warning", () => {
  const aliases = (...names: readonly string[]) => ({ communities: names.map((name) => ({ name, value: "1:2" })) });
  const [first, second, third] = [
    thing("c1", aliases("a"), "2026-01-01T00:00:00Z"),
    thing("c2", aliases("a", "b"), "2026-01-02T00:00:00Z"),
    thing("c3", aliases("b"), "2026-01-03T00:00:00Z"),
  ];
  const stored = { communities: [first, second, third] };
  const { allowed, text } = ask("Community", thing("c1", aliases("z"), "2026-01-01T00:00:00Z"), { stored, operation: "UPDATE" });
  equal(allowed, true);
  match(text, /Community "c3": .*duplicate definition of community "b": Community "c2"/);
});

test("a reason is not given as a warning, too", () => {
  const { all } = ask("IPAddressPool", pool("p", ["nonsense"]), { stored: { l2Advertisements: [thing("all", {})] } });
  deepEqual([all.allowed, all.warnings], [false, []]);
});

test("outside of the operator's namespace nothing follows from anything", () => {
  const stored = { pools: [pool("p", ["10.0.0.0/28"])] };
  const created = ask("L2Advertisement", thing("l", { ipAddressPools: ["later"] }), { stored, own: "default" });
  deepEqual([created.text, created.all.warnings], [`resource must be created in ${namespace} namespace`, []]);
  deepEqual(ask("IPAddressPool", pool("p", []), { stored, own: "default", operation: "DELETE" }).all, {
    allowed: true,
    warnings: [],
  });
});
