import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { emptyResources } from "./resources.ts";

const pools = [
  { metadata: { name: "a", labels: { tier: "gold" } }, spec: { addresses: ["10.0.0.0/24"], avoidBuggyIPs: true } },
  { metadata: { name: "b", labels: { tier: "gold" } }, spec: { addresses: ["10.0.1.0/24"], avoidBuggyIPs: true } },
  { metadata: { name: "c" }, spec: { addresses: ["10.0.2.0/24"], avoidBuggyIPs: true } },
];
const nodes = [
  { metadata: { name: "n1", labels: { rack: "1", ssd: "yes" } } },
  { metadata: { name: "n2", labels: { rack: "2" } } },
  { metadata: { name: "n3", labels: { rack: "2", ssd: "yes" } } },
];

function ad(name: string, spec?: object): object {
  return { metadata: { name }, ...(spec === undefined ? {} : { spec }) };
}

function compiled(...l2Advertisements: readonly object[]) {
  const { snapshot, findings } = compile({ ...emptyResources, pools, nodes, l2Advertisements });
  const attached = Object.fromEntries(snapshot.pools.map(({ name, l2 }) => [name, l2.map((each) => each.name)]));
  return { attached, findings, first: snapshot.pools.flatMap(({ l2 }) => l2)[0] };
}

const gold = [{ matchLabels: { tier: "gold" } }];
const selections = [
  { name: "without a spec: all pools", spec: undefined, on: ["a", "b", "c"] },
  { name: "with empty lists: all pools", spec: { ipAddressPools: [], ipAddressPoolSelectors: [] }, on: ["a", "b", "c"] },
  { name: "by name", spec: { ipAddressPools: ["b"] }, on: ["b"] },
  { name: "by label", spec: { ipAddressPoolSelectors: gold }, on: ["a", "b"] },
  {
    name: "by name and label: both, each once",
    spec: { ipAddressPools: ["c", "a"], ipAddressPoolSelectors: gold },
    on: ["a", "b", "c"],
  },
  { name: "by a label that no pool has: none", spec: { ipAddressPoolSelectors: [{ matchLabels: { tier: "tin" } }] }, on: [] },
  { name: "by an empty selector: all pools", spec: { ipAddressPoolSelectors: [{}] }, on: ["a", "b", "c"] },
];
for (const { name, spec, on } of selections)
  test(`pools are selected ${name}`, () => {
    const { attached } = compiled(ad("x", spec));
    deepEqual(attached, Object.fromEntries(["a", "b", "c"].map((pool) => [pool, on.includes(pool) ? ["x"] : []])));
  });

test("nodes are resolved to names; without selectors all nodes", () => {
  deepEqual([...(compiled(ad("x")).first?.nodes ?? [])], ["n1", "n2", "n3"]);
  deepEqual([...(compiled(ad("x", { nodeSelectors: [{ matchLabels: { rack: "2" } }] })).first?.nodes ?? [])], ["n2", "n3"]);
  deepEqual([...(compiled(ad("x", { nodeSelectors: [{ matchLabels: { rack: "9" } }] })).first?.nodes ?? [])], []);
});

test("interfaces are a set, Service selectors are sorted by their text", () => {
  const { first } = compiled(
    ad("x", {
      interfaces: ["eth1", "eth0", "eth1"],
      serviceSelectors: [{ matchLabels: { z: "1" } }, { matchLabels: { a: "1" } }],
    }),
  );
  deepEqual(first?.interfaces, ["eth0", "eth1"]);
  deepEqual(
    first?.serviceSelectors.map(({ text }) => text),
    ["a=1", "z=1"],
  );
});

test("a weight of one counts", () => {
  const preferredNodeSelectors = [{ weight: 1, preference: { matchLabels: { ssd: "yes" } } }];
  equal(compiled(ad("x", { preferredNodeSelectors })).first?.scores.get("n1"), 1);
});

test("weights of all matching preferences add up; only for eligible nodes with a score", () => {
  const preferredNodeSelectors = [
    { weight: 10, preference: { matchLabels: { ssd: "yes" } } },
    { weight: 5, preference: { matchLabels: { rack: "2" } } },
    { weight: 5, preference: { matchLabels: { rack: "2" } } },
  ];
  deepEqual(
    [...(compiled(ad("x", { preferredNodeSelectors })).first?.scores ?? [])],
    [
      ["n1", 10],
      ["n2", 10],
      ["n3", 20],
    ],
  );
  const onRack1 = { preferredNodeSelectors: preferredNodeSelectors.slice(1), nodeSelectors: [{ matchLabels: { rack: "1" } }] };
  deepEqual([...(compiled(ad("x", onRack1)).first?.scores ?? [])], []);
});

test("preferences may repeat each other, and a value or an expression within them", () => {
  const rack = { key: "rack", operator: "In", values: ["1", "1"] };
  const preference = { matchExpressions: [rack, rack] };
  const preferredNodeSelectors = [
    { weight: 1, preference },
    { weight: 2, preference },
  ];
  const { first, findings } = compiled(ad("x", { preferredNodeSelectors }));
  deepEqual([[...(first?.scores.values() ?? [])], findings], [[3], []]);
});

test("an advertisement that repeats another on a pool is left out", () => {
  deepEqual(compiled(ad("x", { interfaces: ["a", "b"] }), ad("y", { interfaces: ["b", "a", "a"] })).attached["c"], ["x"]);
  deepEqual(compiled(ad("x"), ad("y", { nodeSelectors: [{}] })).attached["c"], ["x"]);
  deepEqual(compiled(ad("x", { ipAddressPools: ["a"] }), ad("y")).attached, { a: ["x"], b: ["y"], c: ["y"] });
});

test("an advertisement that differs stays", () => {
  const different = [
    { interfaces: ["eth0"] },
    { nodeSelectors: [{ matchLabels: { rack: "1" } }] },
    { serviceSelectors: [{ matchLabels: { a: "b" } }] },
  ];
  for (const spec of different) deepEqual(compiled(ad("x"), ad("y", spec)).attached["c"], ["x", "y"]);
});

test("advertisements with preferences both stay", () => {
  const spec = { preferredNodeSelectors: [{ weight: 1, preference: {} }] };
  deepEqual(compiled(ad("x", spec), ad("y", spec)).attached["c"], ["x", "y"]);
});

test("a pool that does not exist yet is pending: the advertisement stands", () => {
  const { attached, findings } = compiled(ad("x", { ipAddressPools: ["later", "a"] }));
  deepEqual(attached["a"], ["x"]);
  deepEqual(
    findings.map(({ code, severity, field }) => [code, severity, field]),
    [["ReferenceUnresolved", "pending", "spec.ipAddressPools[0]"]],
  );
});

const broken = [
  { name: "a pool named twice", spec: { ipAddressPools: ["a", "a"] }, code: "DuplicateEntry", field: "spec.ipAddressPools[1]" },
  {
    name: "a pool selector twice",
    spec: { ipAddressPoolSelectors: [{}, {}] },
    code: "SelectorDuplicate",
    field: "spec.ipAddressPoolSelectors[1]",
  },
  { name: "a node selector twice", spec: { nodeSelectors: [{}, {}] }, code: "SelectorDuplicate", field: "spec.nodeSelectors[1]" },
  {
    name: "a Service selector twice",
    spec: { serviceSelectors: [{}, {}] },
    code: "SelectorDuplicate",
    field: "spec.serviceSelectors[1]",
  },
  {
    name: "a bad preference",
    spec: { preferredNodeSelectors: [{ weight: 1, preference: { matchLabels: { "": "" } } }] },
    code: "SelectorInvalid",
    field: "spec.preferredNodeSelectors[0].preference",
  },
  { name: "a wrong type", spec: { interfaces: "eth0" }, code: "SchemaViolation", field: "spec.interfaces" },
];
for (const { name, spec, code, field } of broken)
  test(`an advertisement with ${name} is set aside alone`, () => {
    const { attached, findings } = compiled(ad("bad", spec), ad("good"));
    deepEqual(attached, { a: ["good"], b: ["good"], c: ["good"] });
    deepEqual(
      findings.map((finding) => [finding.object.name, finding.code, finding.field]),
      [["bad", code, field]],
    );
  });
