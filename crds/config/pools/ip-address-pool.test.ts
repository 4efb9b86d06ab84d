import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { formatRange } from "../../net/range.ts";
import { compile } from "../compile.ts";
import { emptyResources } from "../resources.ts";
import type { Pool } from "../snapshot.ts";

function pool(spec: object, metadata: object = {}): object {
  return { metadata: { name: "p", namespace: "metallb-system", generation: 2, ...metadata }, spec };
}

function only(raw: object, namespaces: readonly object[] = []): Pool | undefined {
  return compile({ ...emptyResources, pools: [raw], namespaces }).snapshot.pools[0];
}

test("a pool has its entries in spec order, and the defaults of its CRD", () => {
  const { entries, ...rest } = only(
    pool({ addresses: ["10.0.1.0/31", "10.0.0.5/24", "2001:db8::1-2001:db8::2"] }, { labels: { a: "b" } }),
  ) ?? { entries: [] };
  deepEqual(
    entries.map(({ text, range }) => [text, formatRange(range)]),
    [
      ["10.0.1.0/31", "10.0.1.0-10.0.1.1"],
      ["10.0.0.5/24", "10.0.0.0-10.0.0.255"],
      ["2001:db8::1-2001:db8::2", "2001:db8::1-2001:db8::2"],
    ],
  );
  deepEqual(
    { ...rest, addresses: undefined },
    {
      name: "p",
      generation: 2,
      labels: { a: "b" },
      addresses: undefined,
      autoAssign: true,
      avoidBuggyIPs: false,
      draining: false,
      l2: [],
      bgp: [],
    },
  );
});

test("flags and the drain annotation are read", () => {
  const read = only(
    pool({ addresses: ["10.0.0.0/24"], autoAssign: false, avoidBuggyIPs: true }, { annotations: { "herald-lb.io/drain": "" } }),
  );
  deepEqual([read?.autoAssign, read?.avoidBuggyIPs, read?.draining], [false, true, true]);
});

const durations: readonly [string, number | undefined, boolean][] = [
  ["10m", 600_000, true],
  ["1h30m", 5_400_000, true],
  ["0s", undefined, true],
  ["-5m", undefined, false],
  ["8760h", 31_536_000_000, true],
  ["8760h1ns", undefined, false],
  ["8760h1ms", undefined, false],
  ["10", undefined, false],
  ["", undefined, false],
];
for (const [text, ms, isValid] of durations) {
  test(`herald-lb.io/reserve-for "${text}" ${isValid ? `reserves for ${ms ?? 0} ms` : "is warned of, and the pool stays in force"}`, () => {
    const raw = pool({ addresses: ["10.0.0.1-10.0.0.9"] }, { annotations: { "herald-lb.io/reserve-for": text } });
    const { snapshot, findings } = compile({ ...emptyResources, pools: [raw] });
    equal(snapshot.pools[0]?.reserveForMs, ms);
    deepEqual(
      findings.map(({ code, severity }) => `${severity} ${code}`),
      isValid ? [] : ["warning AnnotationInvalid"],
    );
  });
}

for (const { text, policy, isValid } of [
  { text: "report", policy: undefined, isValid: true },
  { text: "defend", policy: "defend", isValid: true },
  { text: "quarantine", policy: "quarantine", isValid: true },
  { text: "Defend", policy: undefined, isValid: false },
  { text: "", policy: undefined, isValid: false },
]) {
  test(`herald-lb.io/conflict-policy "${text}" ${isValid ? "is read" : "is warned of, and the pool stays in force"}`, () => {
    const raw = pool({ addresses: ["10.0.0.1-10.0.0.9"] }, { annotations: { "herald-lb.io/conflict-policy": text } });
    const { snapshot, findings } = compile({ ...emptyResources, pools: [raw] });
    deepEqual([snapshot.pools.length, snapshot.pools[0]?.conflictPolicy], [1, policy]);
    deepEqual(
      findings.map(({ code, severity }) => `${severity} ${code}`),
      isValid ? [] : ["warning AnnotationInvalid"],
    );
  });
}

const namespaces = [
  { metadata: { name: "blue", labels: { colour: "blue" } } },
  { metadata: { name: "red", labels: { colour: "red" } } },
];
const scopes = [
  { name: "no serviceAllocation: general use", allocation: undefined, is: undefined },
  { name: "an empty one matches everything and comes last", allocation: {}, is: { priority: Number.POSITIVE_INFINITY } },
  { name: "a priority below one is unset", allocation: { priority: -3 }, is: { priority: Number.POSITIVE_INFINITY } },
  { name: "a priority above zero counts", allocation: { priority: 7 }, is: { priority: 7 } },
  { name: "a priority of one is the first", allocation: { priority: 1 }, is: { priority: 1 } },
  { name: "a priority of zero is unset", allocation: { priority: 0 }, is: { priority: Number.POSITIVE_INFINITY } },
  { name: "names need not exist", allocation: { namespaces: ["later"] }, is: { namespaces: ["later"] } },
  {
    name: "names and selected namespaces add up",
    allocation: { namespaces: ["later"], namespaceSelectors: [{ matchLabels: { colour: "red" } }] },
    is: { namespaces: ["later", "red"] },
  },
  {
    name: "selectors that match nothing match nothing",
    allocation: { namespaceSelectors: [{ matchLabels: { colour: "green" } }] },
    is: { namespaces: [] },
  },
  { name: "empty lists are no constraint", allocation: { namespaces: [], namespaceSelectors: [], serviceSelectors: [] }, is: {} },
];
for (const { name, allocation, is } of scopes)
  test(`scope: ${name}`, () => {
    const spec =
      allocation === undefined ? { addresses: ["10.0.0.0/24"] } : { addresses: ["10.0.0.0/24"], serviceAllocation: allocation };
    const scope = only(pool(spec), namespaces)?.scope;
    const expected = is === undefined ? undefined : { priority: Number.POSITIVE_INFINITY, serviceSelectors: [], ...is };
    const read = scope?.namespaces === undefined ? scope : { ...scope, namespaces: [...scope.namespaces] };
    deepEqual(read, expected);
  });

const broken = [
  { name: "no name", raw: { spec: { addresses: ["10.0.0.0/24"] } }, code: "SchemaViolation", field: "metadata.name" },
  { name: "a wrong type", raw: pool({ addresses: "10.0.0.0/24" }), code: "SchemaViolation", field: "spec.addresses" },
  { name: "no addresses", raw: pool({ addresses: [] }), code: "AddressesEmpty", field: "spec.addresses" },
  {
    name: "a bare address",
    raw: pool({ addresses: ["10.0.1.0/24", "10.0.0.1"] }),
    code: "AddressInvalid",
    field: "spec.addresses[1]",
  },
  {
    name: "a reversed range",
    raw: pool({ addresses: ["10.0.0.9-10.0.0.1"] }),
    code: "RangeReversed",
    field: "spec.addresses[0]",
  },
  { name: "mixed families", raw: pool({ addresses: ["::-0.0.0.0"] }), code: "RangeMixedFamilies", field: "spec.addresses[0]" },
  {
    name: "a namespace twice",
    raw: pool({ addresses: ["10.0.0.0/24"], serviceAllocation: { namespaces: ["a", "b", "a"] } }),
    code: "DuplicateEntry",
    field: "spec.serviceAllocation.namespaces[2]",
  },
  {
    name: "a bad selector",
    raw: pool({ addresses: ["10.0.0.0/24"], serviceAllocation: { serviceSelectors: [{ matchLabels: { "a b": "" } }] } }),
    code: "SelectorInvalid",
    field: "spec.serviceAllocation.serviceSelectors[0].matchLabels[a b]",
  },
  {
    name: "a selector twice",
    raw: pool({ addresses: ["10.0.0.0/24"], serviceAllocation: { namespaceSelectors: [{}, {}] } }),
    code: "SelectorDuplicate",
    field: "spec.serviceAllocation.namespaceSelectors[1]",
  },
];
for (const { name, raw, code, field } of broken)
  test(`a pool with ${name} is set aside, and the finding says where`, () => {
    const { snapshot, findings } = compile({ ...emptyResources, pools: [raw] });
    deepEqual(snapshot.pools, []);
    deepEqual(
      findings.map((finding) => [finding.code, finding.field, finding.severity]),
      [[code, field, "error"]],
    );
  });

test("everything that is wrong is said, not the first thing", () => {
  const raw = pool({
    addresses: ["x", "10.0.3.100-150"],
    serviceAllocation: { namespaces: ["a", "a"], serviceSelectors: [{}, {}] },
  });
  const { findings } = compile({ ...emptyResources, pools: [raw] });
  equal(findings.length, 4);
  match(findings[1]?.message ?? "", /IPAddressPool "p": spec\.addresses\[1\]: .*write 10\.0\.3\.100-10\.0\.3\.150$/);
});

test("of entries that cannot be read a hundred are named, and that there are more", () => {
  const findings = (count: number) =>
    compile({ ...emptyResources, pools: [pool({ addresses: new Array(count).fill("x") })] }).findings.map(
      ({ message }) => message,
    );
  equal(findings(100).length, 100);
  deepEqual([findings(101).length, findings(5000).length], [101, 101]);
  equal(findings(5000)[0], 'IPAddressPool "p": spec.addresses: more entries cannot be read; mend these first');
});
