import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advise, type Lists } from "./advise.ts";
import { compile } from "./compile.ts";
import type { FindingCode } from "./finding.ts";
import { compareFindings } from "./problem.ts";
import { emptyResources, type Resources } from "./resources.ts";

function object(name: string, spec: object, labels: object = {}): object {
  return { apiVersion: "metallb.io/v1beta1", metadata: { name, namespace: "metallb-system", labels }, spec };
}
const pool = (name: string, addresses: readonly string[], labels: object = {}) => object(name, { addresses }, labels);
const advertisement = (name: string, spec: object = {}) => object(name, spec);

function peer(name: string, spec: object = {}): object {
  const whole = { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1", ...spec };
  return { ...object(name, whole), apiVersion: "metallb.io/v1beta2" };
}

function node(name: string, addresses: readonly string[] = [], labels: object = {}): object {
  const entries = addresses.map((address) => ({ type: "InternalIP", address }));
  return { metadata: { name, labels }, status: { addresses: [...entries, { type: "Hostname", address: name }] } };
}

const on = (role: string) => ({ nodeSelectors: [{ matchLabels: { role } }] });

/** What one rule says of these objects; nothing of it may be an error. */
function advised(code: FindingCode, objects: Partial<Resources>, known?: Lists): readonly string[] {
  const resources = { ...emptyResources, ...objects };
  const findings = advise(resources, compile(resources), known);
  ok(findings.every(({ severity }) => severity === "warning"));
  return findings.filter((finding) => finding.code === code).map(({ message }) => message);
}

test("a pool that no advertisement selects is noticed, one that either kind selects is not", () => {
  const pools = [pool("a", ["10.0.0.0/28"], { tier: "x" }), pool("b", ["10.0.1.0/28"])];
  const [first, second] = advised("PoolNotAdvertised", { pools });
  match(
    first ?? "",
    /^IPAddressPool "a": no advertisement selects this pool yet: .* Create an L2Advertisement or a BGPAdvertisement$/,
  );
  match(second ?? "", /^IPAddressPool "b": /);
  const l2Advertisements = [advertisement("named", { ipAddressPools: ["b"] })];
  const bgpAdvertisements = [advertisement("by-label", { ipAddressPoolSelectors: [{ matchLabels: { tier: "x" } }] })];
  equal(advised("PoolNotAdvertised", { pools, l2Advertisements }).length, 1);
  deepEqual(advised("PoolNotAdvertised", { pools, l2Advertisements, bgpAdvertisements }), []);
  deepEqual(advised("PoolNotAdvertised", { pools, l2Advertisements: [advertisement("all")] }), []);
});

test("an advertisement that is set aside does not advertise", () => {
  const l2Advertisements = [advertisement("broken", { ipAddressPools: ["a", "a"] })];
  equal(advised("PoolNotAdvertised", { pools: [pool("a", ["10.0.0.0/28"])], l2Advertisements }).length, 1);
});

test("of an object with an error nothing more is said", () => {
  deepEqual(advised("PoolNotAdvertised", { pools: [pool("a", ["nonsense"])] }), []);
  deepEqual(advised("AdvertisementWithoutPool", { l2Advertisements: [advertisement("b", { ipAddressPoolSelectors: 7 })] }), []);
});

for (const kind of ["l2Advertisements", "bgpAdvertisements"] as const) {
  test(`an advertisement that selects no pool is noticed (${kind})`, () => {
    const none = advised("AdvertisementWithoutPool", { [kind]: [advertisement("x")] });
    match(none.join("\n"), /Advertisement "x": there is no IPAddressPool in force yet: it announces nothing$/);
    const pools = [pool("a", ["10.0.0.0/28"], { tier: "x" })];
    const labelled = (tier: string) => [advertisement("x", { ipAddressPoolSelectors: [{ matchLabels: { tier } }] })];
    match(
      advised("AdvertisementWithoutPool", { pools, [kind]: labelled("y") }).join("\n"),
      /"x": spec\.ipAddressPoolSelectors: no IPAddressPool has such labels yet/,
    );
    deepEqual(advised("AdvertisementWithoutPool", { pools, [kind]: labelled("x") }), []);
    deepEqual(advised("AdvertisementWithoutPool", { pools, [kind]: [advertisement("x")] }), []);
  });

  test(`an advertisement that names a pool to come is pending, and not noticed a second time (${kind})`, () => {
    deepEqual(advised("AdvertisementWithoutPool", { [kind]: [advertisement("x", { ipAddressPools: ["later"] })] }), []);
  });

  test(`an advertisement whose node selectors match no node is noticed (${kind})`, () => {
    const nodes = [node("n1", [], { role: "edge" })];
    const found = advised("AdvertisementWithoutNode", { nodes, [kind]: [advertisement("x", on("core"))] });
    match(found.join("\n"), /"x": spec\.nodeSelectors: no node has such labels yet: it announces nothing$/);
    deepEqual(advised("AdvertisementWithoutNode", { nodes, [kind]: [advertisement("x", on("edge")), advertisement("y")] }), []);
  });
}

test("a BGPAdvertisement without any BGPPeer is noticed", () => {
  const bgpAdvertisements = [advertisement("x")];
  match(
    advised("AdvertisementWithoutPeer", { bgpAdvertisements }).join("\n"),
    /^BGPAdvertisement "x": there is no BGPPeer in force yet/,
  );
  deepEqual(advised("AdvertisementWithoutPeer", { bgpAdvertisements, bgpPeers: [peer("p")] }), []);
  deepEqual(advised("AdvertisementWithoutPeer", { l2Advertisements: [advertisement("x")] }), []);
  const naming = [advertisement("x", { peers: ["later"] })];
  deepEqual(advised("AdvertisementWithoutPeer", { bgpAdvertisements: naming }), [], "it is pending");
});

test("a pool that holds a node's address is noticed, with its entry, its node and how many more", () => {
  const pools = [pool("a", ["10.0.1.0/28", "10.0.0.0/28"]), pool("b", ["10.0.9.0/28", "fc00::1-fc00::9"])];
  const nodes = [node("n1", ["10.0.0.5", "192.0.2.7"]), node("n2", ["10.0.1.15", "fc00::a"]), node("n3", ["10.0.0.16"])];
  const found = advised("NodeAddressInPool", { pools, nodes });
  equal(found.length, 1);
  match(
    found[0] ?? "",
    /^IPAddressPool "a": spec\.addresses\[1\]: it holds 10\.0\.0\.5, the address of node "n1", and 1 more addresses of nodes: /,
  );
  match(
    advised("NodeAddressInPool", { pools, nodes: [node("n1", ["fc00::9"])] }).join("\n"),
    /^IPAddressPool "b": spec\.addresses\[1\]: it holds fc00::9, the address of node "n1": /,
  );
});

test("the first and the last address of an entry are in it, and families do not mix", () => {
  const pools = [pool("a", ["10.0.0.4-10.0.0.6"]), pool("b", ["::a00:1-::a00:3"])];
  const count = (address: string) => advised("NodeAddressInPool", { pools, nodes: [node("n1", [address])] }).length;
  deepEqual(["10.0.0.3", "10.0.0.4", "10.0.0.6", "10.0.0.7", "10.0.0.2", "::a00:4", "::a00:1"].map(count), [0, 1, 1, 0, 0, 0, 1]);
});

test("addresses of a node that are no InternalIP or ExternalIP do not count", () => {
  const addresses = [
    { type: "Hostname", address: "10.0.0.5" },
    { type: "ExternalIP", address: "n1.example" },
  ];
  const nodes = [{ metadata: { name: "n1" }, status: { addresses } }];
  deepEqual(advised("NodeAddressInPool", { pools: [pool("a", ["10.0.0.0/28"])], nodes }), []);
  const external = [{ metadata: { name: "n1" }, status: { addresses: [{ type: "ExternalIP", address: "10.0.0.5" }] } }];
  equal(advised("NodeAddressInPool", { pools: [pool("a", ["10.0.0.0/28"])], nodes: external }).length, 1);
});

test("localPref is noticed when every peer that it could go to is external", () => {
  const bgpAdvertisements = [advertisement("x", { localPref: 100 })];
  const found = (...bgpPeers: readonly object[]) => advised("LocalPrefWithoutEffect", { bgpAdvertisements, bgpPeers });
  match(
    found(peer("p"), peer("q", { peerAddress: "192.0.2.2", peerASN: undefined, dynamicASN: "external" })).join("\n"),
    /^BGPAdvertisement "x": spec\.localPref: it is not sent to external peers, and "p", "q" are external: set asPathPrepend or communities instead$/,
  );
  deepEqual(found(peer("p"), peer("q", { peerAddress: "192.0.2.2", peerASN: 64512 })), [], "one is internal");
  deepEqual(found(peer("p", { peerASN: undefined, dynamicASN: "internal" })), []);
  deepEqual(found(peer("p", { localASN: 64513 })), [], "it shows itself as of the peer's AS");
  equal(found(peer("p", { peerASN: 64512, localASN: 64599 })).length, 1);
  deepEqual(found(), [], "nobody is there yet");
});

test("of many peers three are named, and how many there are besides", () => {
  const bgpAdvertisements = [advertisement("x", { localPref: 100 })];
  const named = (count: number) => {
    const bgpPeers = Array.from({ length: count }, (_, index) => peer(`p${index}`, { peerAddress: `192.0.2.${index + 1}` }));
    return /and (.*) are external/.exec(advised("LocalPrefWithoutEffect", { bgpAdvertisements, bgpPeers }).join())?.[1];
  };
  equal(named(3), '"p0", "p1", "p2"');
  equal(named(4), '"p0", "p1", "p2" and 1 more');
});

test("localPref counts for the peers that are named, and only when it is set", () => {
  const bgpPeers = [peer("p"), peer("q", { peerAddress: "192.0.2.2", peerASN: 64512 })];
  const found = (spec: object) => advised("LocalPrefWithoutEffect", { bgpPeers, bgpAdvertisements: [advertisement("x", spec)] });
  equal(found({ localPref: 100, peers: ["p"] }).length, 1);
  deepEqual(found({ localPref: 100, peers: ["q"] }), []);
  deepEqual(found({ localPref: 100, peers: ["later"] }), []);
  deepEqual(found({ localPref: 0, peers: ["p"] }), []);
  deepEqual(found({ peers: ["p"] }), []);
});

test("a sourceAddress that no selected node has, or only some, is noticed", () => {
  const nodes = [node("n1", ["10.0.2.10"], { role: "edge" }), node("n2", ["10.0.2.11"]), node("n3")];
  const found = (spec: object) =>
    advised("SourceAddressNotHeld", { nodes, bgpPeers: [peer("p", { sourceAddress: "10.0.2.10", ...spec })] });
  match(
    found({}).join("\n"),
    /^BGPPeer "p": spec\.sourceAddress: of 2 nodes that this peer selects only "n1" has 10\.0\.2\.10: the others open no session/,
  );
  match(
    found({ sourceAddress: "10.9.9.9" }).join("\n"),
    /no node that this peer selects has 10\.9\.9\.9: no session can be opened/,
  );
  match(found({ sourceAddress: "::a00:20a" }).join("\n"), /no node that this peer selects has ::a00:20a/, "the same bits");
  deepEqual(found(on("edge")), []);
  const both = [node("n1", ["10.0.2.10", "192.0.2.9"])];
  const bgpPeers = [peer("p", { sourceAddress: "10.0.2.10" })];
  deepEqual(advised("SourceAddressNotHeld", { nodes: both, bgpPeers }), [], "it is one of the node's addresses");
  deepEqual(found(on("nowhere")), [], "no node is selected");
  deepEqual(advised("SourceAddressNotHeld", { nodes: [node("n3")], bgpPeers: [peer("p", { sourceAddress: "10.0.2.10" })] }), []);
});

test("one router ID on several nodes is noticed, by one peer or by several", () => {
  const nodes = [node("n1", [], { role: "a" }), node("n2", [], { role: "b" })];
  const found = (...bgpPeers: readonly object[]) => advised("RouterIDShared", { nodes, bgpPeers });
  const at = (name: string, role: string, routerID: string, address: string) =>
    peer(name, { routerID, peerAddress: address, ...on(role) });
  match(
    found(peer("p", { routerID: "10.0.0.1" })).join("\n"),
    /^BGPPeer "p": spec\.routerID: 10\.0\.0\.1 is the router ID of 2 nodes: routers take them for one/,
  );
  deepEqual(found(at("p", "a", "10.0.0.1", "192.0.2.1")), []);
  match(
    found(at("p", "a", "10.0.0.1", "192.0.2.1"), at("q", "b", "10.0.0.1", "192.0.2.2")).join("\n"),
    /^BGPPeer "q": .* of 2 nodes \(also by BGPPeer "p"\)/,
  );
  const [p, q] = [at("p", "a", "10.0.0.1", "192.0.2.1"), at("q", "b", "10.0.0.1", "192.0.2.2")];
  deepEqual(found(q, p), found(p, q), "in whatever order they come");
  deepEqual(found(at("p", "a", "10.0.0.1", "192.0.2.1"), at("q", "b", "10.0.0.2", "192.0.2.2")), []);
  deepEqual(found(at("p", "a", "10.0.0.1", "192.0.2.1"), at("q", "a", "10.0.0.1", "192.0.2.2")), []);
});

test("a peer whose node selectors match no node is noticed", () => {
  const nodes = [node("n1", [], { role: "edge" })];
  match(
    advised("PeerWithoutNode", { nodes, bgpPeers: [peer("p", on("core"))] }).join("\n"),
    /^BGPPeer "p": spec\.nodeSelectors: no node has such labels yet: no session is opened$/,
  );
  deepEqual(
    advised("PeerWithoutNode", { nodes, bgpPeers: [peer("p", on("edge")), peer("q", { peerAddress: "192.0.2.9" })] }),
    [],
  );
});

test("a peer to whose address no session can be opened is noticed, and so is a source address of the other family", () => {
  const found = (spec: object) => advised("PeerUnreachable", { bgpPeers: [peer("p", spec)] });
  const said = 'BGPPeer "p": spec.peerAddress: no session can be opened to ';
  deepEqual(found({ peerAddress: "0.0.0.0" }), [`${said}0.0.0.0: hosts use none of 0.0.0.0/8. Write the router's own address`]);
  deepEqual(found({ peerAddress: "ff02::1" }), [`${said}ff02::1: ff00::/8 is multicast. Write the router's own address`]);
  deepEqual(found({ peerAddress: "fe80::1" }), [
    `${said}fe80::1: on each link fe80::/10 is another one. Name the interface in spec.interface, and leave the address out`,
  ]);
  deepEqual(found({ peerAddress: "192.0.2.1", sourceAddress: "fd00::1" }), [
    'BGPPeer "p": spec.sourceAddress: no session can be opened from fd00::1 to 192.0.2.1: write an IPv4 address, or leave it out',
  ]);
  for (const peerAddress of ["192.0.2.1", "fd00::1", "::ffff:192.0.2.1", "169.254.1.1", "127.0.0.1", "::1"])
    deepEqual(found({ peerAddress }), []);
  deepEqual(found({ peerAddress: "fd00::2", sourceAddress: "fd00::1" }), []);
  deepEqual(found({ peerAddress: undefined, interface: "eth0", sourceAddress: "fd00::1" }), []);
});

test("a source address that no host opens a session from is noticed", () => {
  const found = (spec: object) => advised("PeerUnreachable", { bgpPeers: [peer("p", { peerAddress: "fd00::2", ...spec })] });
  const said = 'BGPPeer "p": spec.sourceAddress: no session can be opened from ';
  const way = "Write one of the node's own addresses, or leave it out";
  deepEqual(found({ sourceAddress: "fe80::1" }), [`${said}fe80::1: on each link fe80::/10 is another one. ${way}`]);
  deepEqual(found({ peerAddress: "192.0.2.1", sourceAddress: "224.0.0.5" }), [
    `${said}224.0.0.5: 224.0.0.0/4 is multicast. ${way}`,
  ]);
  deepEqual(found({ peerAddress: undefined, interface: "eth0", sourceAddress: "10.0.0.1" }), [
    `${said}10.0.0.1 to interface eth0: write an IPv6 address, or leave it out`,
  ]);
  deepEqual(found({ sourceAddress: "::" }), []);
  deepEqual(found({ peerAddress: "192.0.2.1", sourceAddress: "0.0.0.0" }), []);
  deepEqual(found({ peerAddress: "::1", sourceAddress: "::1" }), []);
});

/** One set of objects about which every rule has something to say. */
const remarkable: Partial<Resources> = {
  pools: [pool("a", ["10.0.0.0/28"], { tier: "x" })],
  l2Advertisements: [advertisement("l2", { ipAddressPoolSelectors: [{ matchLabels: { tier: "y" } }], ...on("nowhere") })],
  bgpAdvertisements: [advertisement("bgp", { ipAddressPoolSelectors: [{ matchLabels: { tier: "y" } }], localPref: 9 })],
  bgpPeers: [
    peer("p", { routerID: "10.0.0.1", sourceAddress: "10.9.9.9" }),
    peer("q", { peerAddress: "192.0.2.2", ...on("nowhere") }),
    peer("r", { peerAddress: "224.0.0.9" }),
  ],
  nodes: [node("n1", ["10.0.0.5"]), node("n2", ["10.0.0.6"])],
};

test("every rule has something to say there, but the one about a cluster without peers", () => {
  const resources = { ...emptyResources, ...remarkable };
  equal(new Set(advise(resources, compile(resources)).map(({ code }) => code)).size, 9);
});

test("what is said of a field names that field, in the finding and in its message", () => {
  const resources = { ...emptyResources, ...remarkable };
  const fields = advise(resources, compile(resources)).map(({ code, field, message }) => {
    ok(field === undefined ? !message.includes(": spec.") : message.includes(`: ${field}: `), message);
    return `${code} ${field}`;
  });
  ok(fields.includes("PoolNotAdvertised undefined"));
  ok(fields.includes("NodeAddressInPool spec.addresses[0]"));
  ok(fields.includes("RouterIDShared spec.routerID"));
});

/** The same mended: nothing is to be said. */
const unremarkable: Partial<Resources> = {
  pools: [pool("a", ["10.0.0.0/28"], { tier: "x" })],
  l2Advertisements: [],
  bgpAdvertisements: [advertisement("bgp", { ipAddressPoolSelectors: [{ matchLabels: { tier: "x" } }], ...on("edge") })],
  bgpPeers: [peer("p", { routerID: "10.0.0.1", sourceAddress: "10.9.9.9", ...on("edge") })],
  nodes: [node("n1", ["10.9.9.9"], { role: "edge" }), node("n2", ["10.9.9.8"])],
};

test("nothing is said that would need a list which was not read", () => {
  const said = (objects: Partial<Resources>, known: Lists) => {
    const resources = { ...emptyResources, ...objects };
    return advise(resources, compile(resources), known).map(({ code, object: { name } }) => `${code} ${name}`);
  };
  const lists = ["pools", "l2Advertisements", "bgpAdvertisements", "bgpPeers", "nodes"] as const;
  deepEqual(said(unremarkable, new Set(lists)), []);
  for (const missing of lists) {
    const known = new Set(lists.filter((list) => list !== missing));
    deepEqual(said({ ...unremarkable, [missing]: [] }, known), [], `without ${missing}`);
  }
});

test("what is said does not depend on the order of the objects, and is short", () => {
  const resources = { ...emptyResources, ...remarkable };
  const findings = advise(resources, compile(resources));
  const turned = Object.fromEntries(Object.entries(resources).map(([list, objects]) => [list, objects.toReversed()]));
  const reversed = { ...emptyResources, ...turned };
  deepEqual(advise(reversed, compile(reversed)), findings);
  deepEqual(findings, findings.toSorted(compareFindings));
  for (const { message } of findings) ok(message.length < 240, message);
});

test("advice never throws, whatever the objects hold", () => {
  const lists = Object.keys(emptyResources) as (keyof typeof emptyResources)[];
  const spec = fc.dictionary(
    fc.constantFrom("addresses", "ipAddressPools", "ipAddressPoolSelectors", "nodeSelectors", "localPref", "peers", "routerID"),
    fc.anything(),
  );
  const thing = fc.oneof(fc.anything(), fc.record({ metadata: fc.record({ name: fc.string() }), spec, status: fc.anything() }));
  fc.assert(
    fc.property(fc.constantFrom(...lists), fc.array(thing, { maxLength: 4 }), (list, objects) => {
      const resources = { ...emptyResources, ...remarkable, [list]: objects };
      ok(Array.isArray(advise(resources, compile(resources))));
    }),
  );
});
