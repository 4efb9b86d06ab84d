import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, node, object, peer, pool } from "../fixture/objects.ts";

const pools = [
  pool("a", ["10.0.0.0/24"], { labels: { tier: "gold" } }),
  pool("b", ["10.0.1.0/24"], { labels: { tier: "gold" } }),
  pool("c", ["10.0.2.0/24"]),
];
const nodes = [node("n1", { rack: "1" }), node("n2", { rack: "2" })];

function advertised(...bgpAdvertisements: readonly object[]) {
  const { snapshot, findings } = compiled({ pools, nodes, bgpAdvertisements });
  const attached = Object.fromEntries(snapshot.pools.map(({ name, bgp }) => [name, bgp.map((each) => each.name)]));
  return { attached, findings, said: brief(findings), first: snapshot.pools.flatMap(({ bgp }) => bgp)[0] };
}

test("an advertisement without a spec has MetalLB's defaults: every pool, node, peer and Service, single addresses", () => {
  const { attached, first, findings } = advertised({ metadata: { name: "x" } });
  deepEqual([attached, findings], [{ a: ["x"], b: ["x"], c: ["x"] }, []]);
  deepEqual(first, {
    name: "x",
    nodes: new Set(["n1", "n2"]),
    peers: [],
    serviceSelectors: [],
    aggregationLength: { IPv4: 32, IPv6: 128 },
    localPref: 0,
    asPathPrepend: 0,
    communities: [],
  });
});

test("an advertisement with every field means what its object says", () => {
  const spec = {
    aggregationLength: 28,
    aggregationLengthV6: 64,
    localPref: 4294967295,
    asPathPrepend: 10,
    communities: ["65000:200", "65000:100"],
    nodeSelectors: [{ matchLabels: { rack: "2" } }],
    peers: [],
    ipAddressPools: ["a"],
  };
  const { first, said } = advertised(object("x", spec));
  deepEqual([first?.nodes, first?.aggregationLength, first?.localPref], [new Set(["n2"]), { IPv4: 28, IPv6: 64 }, 4294967295]);
  deepEqual([first?.asPathPrepend, said], [10, []]);
  deepEqual(first?.communities, [
    { type: "standard", value: 65000 * 65536 + 100 },
    { type: "standard", value: 65000 * 65536 + 200 },
  ]);
});

const gold = [{ matchLabels: { tier: "gold" } }];
const selections = [
  { name: "by name", spec: { ipAddressPools: ["b"] }, on: ["b"] },
  { name: "by label", spec: { ipAddressPoolSelectors: gold }, on: ["a", "b"] },
  {
    name: "by name and label: each once",
    spec: { ipAddressPools: ["c", "a"], ipAddressPoolSelectors: gold },
    on: ["a", "b", "c"],
  },
  { name: "by a label that no pool has: none", spec: { ipAddressPoolSelectors: [{ matchLabels: { tier: "tin" } }] }, on: [] },
  { name: "with empty lists: all", spec: { ipAddressPools: [], ipAddressPoolSelectors: [] }, on: ["a", "b", "c"] },
];
for (const { name, spec, on } of selections)
  test(`pools are selected ${name}`, () => {
    const expected = Object.fromEntries(["a", "b", "c"].map((each) => [each, on.includes(each) ? ["x"] : []]));
    deepEqual(advertised(object("x", spec)).attached, expected);
  });

test("several advertisements of one pool come by name, equal ones too", () => {
  deepEqual(advertised(object("y", {}), object("x", {})).attached["a"], ["x", "y"]);
});

const broken = [
  { name: "a pool named twice", spec: { ipAddressPools: ["a", "a"] }, said: "DuplicateEntry x spec.ipAddressPools[1]" },
  { name: "a peer named twice", spec: { peers: ["p", "q", "p"] }, said: "DuplicateEntry x spec.peers[2]" },
  { name: "a community twice", spec: { communities: ["1:1", "1:1"] }, said: "DuplicateEntry x spec.communities[1]" },
  {
    name: "a pool selector twice",
    spec: { ipAddressPoolSelectors: [{}, {}] },
    said: "SelectorDuplicate x spec.ipAddressPoolSelectors[1]",
  },
  { name: "a node selector twice", spec: { nodeSelectors: [{}, {}] }, said: "SelectorDuplicate x spec.nodeSelectors[1]" },
  {
    name: "a Service selector twice",
    spec: { serviceSelectors: [{}, {}] },
    said: "SelectorDuplicate x spec.serviceSelectors[1]",
  },
  { name: "aggregationLength 33", spec: { aggregationLength: 33 }, said: "AggregationLengthInvalid x spec.aggregationLength" },
  { name: "aggregationLength 0", spec: { aggregationLength: 0 }, said: "SchemaViolation x spec.aggregationLength" },
  {
    name: "aggregationLengthV6 129",
    spec: { aggregationLengthV6: 129 },
    said: "AggregationLengthInvalid x spec.aggregationLengthV6",
  },
  {
    name: "aggregationLengthV6 -1",
    spec: { aggregationLengthV6: -1 },
    said: "AggregationLengthInvalid x spec.aggregationLengthV6",
  },
  { name: "localPref -1", spec: { localPref: -1 }, said: "SchemaViolation x spec.localPref" },
  { name: "localPref 2^32", spec: { localPref: 4294967296 }, said: "SchemaViolation x spec.localPref" },
  { name: "asPathPrepend 0", spec: { asPathPrepend: 0 }, said: "SchemaViolation x spec.asPathPrepend" },
  { name: "asPathPrepend 11", spec: { asPathPrepend: 11 }, said: "SchemaViolation x spec.asPathPrepend" },
  { name: "a community that cannot be", spec: { communities: ["1:65536"] }, said: "CommunityInvalid x spec.communities[0]" },
  { name: "an extended community", spec: { communities: ["rt:1:2:3"] }, said: "CommunityInvalid x spec.communities[0]" },
];
for (const { name, spec, said } of broken)
  test(`an advertisement with ${name} is set aside alone`, () => {
    const result = advertised(object("x", { peers: undefined, ...spec }), object("good", {}));
    deepEqual(
      result.said.filter((text) => !text.startsWith("pending")),
      [`error ${said}`],
    );
    deepEqual(result.attached, { a: ["good"], b: ["good"], c: ["good"] });
  });

test("the shortest aggregates and the least local preference are possible", () => {
  deepEqual(
    advertised(object("x", { aggregationLength: 1, aggregationLengthV6: 0, localPref: 0, ipAddressPoolSelectors: gold })).said,
    ["error AggregationMisfit x spec.aggregationLength", "error AggregationMisfit x spec.aggregationLength"],
  );
});

test("Service selectors and aggregation exclude each other, in MetalLB's words; the defaults written out do not", () => {
  const serviceSelectors = [{ matchLabels: { a: "b" } }];
  for (const [field, length] of [
    ["aggregationLength", 24],
    ["aggregationLengthV6", 64],
  ] as const) {
    const { said, findings } = advertised(object("x", { serviceSelectors, [field]: length }));
    deepEqual(said, [`error AggregationWithServiceSelectors x spec.${field}`]);
    match(findings[0]?.message ?? "", /serviceSelectors and aggregationLength are mutually exclusive/);
  }
  deepEqual(advertised(object("x", { serviceSelectors, aggregationLength: 32, aggregationLengthV6: 128 })).said, []);
});

test("two texts for one community are one community", () => {
  const communities = [object("c", { communities: [{ name: "slow", value: "1:1" }] })];
  const { snapshot } = compiled({ pools, communities, bgpAdvertisements: [object("x", { communities: ["1:1", "slow"] })] });
  deepEqual(snapshot.pools[0]?.bgp[0]?.communities, [{ type: "standard", value: 65537 }]);
});

test("an alias that no Community defines yet is pending, in MetalLB's words; the advertisement stands and is not ready", () => {
  const { attached, said, first, findings } = advertised(object("x", { communities: ["1:1", "later"] }));
  deepEqual([attached["a"], said], [["x"], ["pending CommunityUnknown x spec.communities[1]"]]);
  const text = 'invalid community format: later\ninvalid community "later" in BGP advertisement';
  deepEqual([findings[0]?.message, first?.notReady, first?.communities.length], [text, text, 1]);
});

test("a pool or peer that is not there is pending, each at its place in the spec", () => {
  const { snapshot, findings } = compiled({
    pools,
    bgpPeers: [peer("there"), peer("broken", { myASN: 0 })],
    bgpAdvertisements: [object("x", { ipAddressPools: ["a", "none"], peers: ["there", "later", "broken"] })],
  });
  deepEqual(
    brief(findings).filter((text) => text.startsWith("pending")),
    [
      "pending ReferenceUnresolved x spec.ipAddressPools[1]",
      "pending ReferenceUnresolved x spec.peers[1]",
      "pending ReferenceUnresolved x spec.peers[2]",
    ],
  );
  deepEqual(snapshot.pools[0]?.bgp[0]?.peers, ["broken", "later", "there"]);
  const messages = findings.map(({ message }) => message);
  equal(
    messages.some((text) => /BGPPeer "later", which does not exist/.test(text)),
    true,
  );
  equal(
    messages.some((text) => /BGPPeer "broken", which is set aside/.test(text)),
    true,
  );
});

test("the link bandwidth is announced where its annotation says true, and a text that says neither is told", () => {
  const annotated = (text: string) => {
    const key = "herald-lb.io/link-bandwidth";
    const { first, said } = advertised({ metadata: { name: "x", annotations: { [key]: text } } });
    return [first?.linkBandwidth, said.length];
  };
  deepEqual(annotated("true"), [true, 0]);
  deepEqual(annotated("false"), [undefined, 0]);
  deepEqual(annotated("yes"), [undefined, 1]);
});

test("more than 63 communities are announced, with a warning", () => {
  const communities = (count: number) => Array.from({ length: count }, (_, i) => `1:${i}`);
  const { first, findings } = advertised(object("x", { communities: communities(64) }));
  equal(first?.communities.length, 64);
  deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [["CommunitiesTooMany", "warning"]],
  );
  deepEqual(advertised(object("x", { communities: communities(63) })).findings, []);
});

test("communities that no message holds are told, and the advertisement stands", () => {
  const communities = Array.from({ length: 1_011 }, (_, i) => `1:${i}`);
  const { first, findings } = advertised(object("x", { communities }));
  equal(first?.communities.length, 1_011);
  deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [["CommunitiesTooMany", "warning"]],
  );
  match(
    findings[0]?.message ?? "",
    /1011 communities fit no BGP message of 4096 octets, and no route is announced with them: remove/,
  );
});
