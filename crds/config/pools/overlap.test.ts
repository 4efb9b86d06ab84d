import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../compile.ts";
import { emptyResources } from "../resources.ts";

type Extra = { readonly createdAt?: string; readonly generation?: number; readonly accepted?: number };

function pool(name: string, addresses: readonly string[], { createdAt, generation = 1, accepted }: Extra = {}): object {
  const conditions = [{ type: "Accepted", status: "True", observedGeneration: accepted }];
  return {
    metadata: { name, creationTimestamp: createdAt, generation },
    spec: { addresses, avoidBuggyIPs: true },
    ...(accepted === undefined ? {} : { status: { conditions } }),
  };
}

function compiled(...pools: readonly object[]) {
  const { snapshot, findings } = compile({ ...emptyResources, pools });
  return {
    standing: snapshot.pools.map(({ name }) => name),
    findings,
    pairs: findings.map(({ object, others }) => [object.name, ...others.map(({ name }) => name)]),
  };
}

const old = "2026-01-01T00:00:00Z";
const young = "2026-01-02T00:00:00Z";

test("the message names both pools, both ranges, the shared addresses and the way out", () => {
  const { findings } = compiled(
    pool("a", ["10.0.0.0/24"], { createdAt: old }),
    pool("b", ["10.0.1.0/24", "10.0.0.200-10.0.0.210"], { createdAt: young }),
  );
  equal(findings.length, 1);
  equal(findings[0]?.field, "spec.addresses[1]");
  equal(
    findings[0]?.message,
    'CIDR "10.0.0.200-10.0.0.210" in pool "b" overlaps with already defined CIDR "10.0.0.0/24" in pool "a": ' +
      "both could assign 10.0.0.200-10.0.0.210. Shrink one range or delete one pool.",
  );
});

test("an entry that stands in a pool three times is told of once for each that is too many", () => {
  const { findings } = compiled(pool("a", ["10.0.0.1/32", "10.0.0.1/32", "10.0.0.1/32"]));
  deepEqual(
    findings.map(({ field, message }) => `${field} ${message.includes("10.0.0.1 twice")}`),
    ["spec.addresses[1] true", "spec.addresses[2] true"],
  );
});

const blame = [
  { name: "the younger", a: { createdAt: young }, b: { createdAt: old }, blamed: "a" },
  { name: "the later name when both are as old", a: { createdAt: old }, b: { createdAt: old }, blamed: "b" },
  { name: "the one that is still to be created", a: {}, b: { createdAt: young }, blamed: "a" },
  { name: "the older when the younger was accepted", a: { createdAt: old }, b: { createdAt: young, accepted: 1 }, blamed: "a" },
  {
    name: "the one whose acceptance is of a former generation",
    a: { createdAt: old, generation: 2, accepted: 1 },
    b: { createdAt: young, accepted: 1 },
    blamed: "a",
  },
];
for (const { name, a, b, blamed } of blame)
  test(`of two overlapping pools, ${name} is blamed`, () => {
    const { pairs, standing } = compiled(pool("a", ["10.0.0.0/24"], a), pool("b", ["10.0.0.128/25"], b));
    deepEqual(pairs, [blamed === "a" ? ["a", "b"] : ["b", "a"]]);
    deepEqual(standing, [blamed === "a" ? "b" : "a"]);
  });

test("a condition that is not True wins nothing", () => {
  const refused = { type: "Accepted", status: "False", observedGeneration: 1 };
  const b = { ...pool("b", ["10.0.0.0/24"], { createdAt: young }), status: { conditions: [refused] } };
  deepEqual(compiled(pool("a", ["10.0.0.0/24"], { createdAt: old }), b).standing, ["a"]);
});

test("a pool that overlaps itself is set aside", () => {
  const { findings, standing } = compiled(pool("a", ["10.0.0.0/24", "10.0.1.0/24", "10.0.0.7/32"]));
  deepEqual(standing, []);
  deepEqual(
    findings.map(({ field, others }) => [field, others.length]),
    [["spec.addresses[2]", 0]],
  );
  match(
    findings[0]?.message ?? "",
    /overlaps with already defined CIDR "10\.0\.0\.0\/24" in pool "a": the pool would hold 10\.0\.0\.7 twice/,
  );
});

test("a pool set aside does not cost another pool its place", () => {
  const { standing, pairs } = compiled(
    pool("a", ["10.0.0.0-10.0.0.9"], { createdAt: "2026-01-01T00:00:00Z" }),
    pool("b", ["10.0.0.5-10.0.0.14"], { createdAt: "2026-01-02T00:00:00Z" }),
    pool("c", ["10.0.0.10-10.0.0.19"], { createdAt: "2026-01-03T00:00:00Z" }),
  );
  deepEqual(standing, ["a", "c"]);
  deepEqual(pairs, [
    ["b", "a"],
    ["b", "c"],
  ]);
});

test("a pool with another error is blamed, however old it is", () => {
  const { standing, pairs } = compiled(
    pool("a", ["10.0.0.0/24", "typo"], { createdAt: old, accepted: 1 }),
    pool("b", ["10.0.0.0/25"], { createdAt: young }),
  );
  deepEqual(standing, ["b"]);
  deepEqual(pairs, [["a", "b"], ["a"]]);
});

test("of two pools set aside, the one with an error of its own is blamed for their overlap", () => {
  const { standing, pairs } = compiled(
    pool("broken", ["10.0.0.0/24", "typo"], { createdAt: "2026-01-01T00:00:00Z" }),
    pool("late", ["10.0.0.0/24", "10.0.1.0/24"], { createdAt: "2026-01-03T00:00:00Z" }),
    pool("first", ["10.0.1.0/24"], { createdAt: "2026-01-02T00:00:00Z" }),
  );
  deepEqual(standing, ["first"]);
  deepEqual(pairs, [["broken", "late"], ["broken"], ["late", "first"]]);
});

test("IPv4 and IPv6 never overlap, and neighbours do not", () => {
  deepEqual(
    compiled(
      pool("a", ["10.0.0.0/8"]),
      pool("b", ["::a00:0/104"]),
      pool("c", ["2001:db8::/64"]),
      pool("d", ["2001:db8:0:1::/64"]),
    ).findings,
    [],
  );
});

test("four pools of which three overlap the first, and one overlaps the others: every pair is told", () => {
  const { findings, standing } = compiled(
    pool("office", ["10.0.3.100-10.0.3.150"], { createdAt: "2026-01-01T00:00:01Z" }),
    pool("east", ["10.0.3.100-10.0.3.120"], { createdAt: "2026-01-01T00:00:02Z" }),
    pool("west", ["10.0.3.130-10.0.3.150"], { createdAt: "2026-01-01T00:00:03Z" }),
    pool("inner", ["10.0.3.100-10.0.3.130"], { createdAt: "2026-01-01T00:00:04Z" }),
  );
  deepEqual(standing, ["office"]);
  deepEqual(
    findings.map(({ message }) =>
      /in pool "(\w+)" .* in pool "(\w+)": both could assign (\S+)\. /.exec(message)?.slice(1).join(" "),
    ),
    [
      "east office 10.0.3.100-10.0.3.120",
      "inner east 10.0.3.100-10.0.3.120",
      "inner office 10.0.3.100-10.0.3.130",
      "inner west 10.0.3.130",
      "west office 10.0.3.130-10.0.3.150",
    ],
  );
});

test("one pool over many others is told about 20 of them; every pool set aside is told of at least one", () => {
  const many = Array.from({ length: 100 }, (_, index) => pool(`small-${index}`, [`10.0.${index}.0/24`], { createdAt: old }));
  const wide = compiled(...many, pool("wide", ["10.0.0.0/8"], { createdAt: young }));
  deepEqual([wide.standing.length, wide.findings.length], [100, 20]);
  const under = compiled(...many, pool("wide", ["10.0.0.0/8"], { createdAt: old, accepted: 1 }));
  deepEqual([under.standing, under.findings.length], [["wide"], 100]);
});

test("pools without overlap are compiled by a sweep, not pair by pair", () => {
  const pools = Array.from({ length: 1000 }, (_, index) =>
    pool(
      `p${index}`,
      Array.from(
        { length: 10 },
        (_, entry) => `10.${index >> 2}.${(index & 3) * 10 + entry}.1-10.${index >> 2}.${(index & 3) * 10 + entry}.99`,
      ),
    ),
  );
  compile({ ...emptyResources, pools }); // the first run also compiles the schema
  const started = performance.now();
  const { snapshot, findings } = compile({ ...emptyResources, pools });
  const elapsedMs = performance.now() - started;
  deepEqual([snapshot.pools.length, findings.length], [1000, 0]);
  ok(elapsedMs < 5000, `${elapsedMs} ms; pairs would take minutes`);
});

test("at most a hundred overlaps are reported to the blame of one pool, and those of others are not lost", () => {
  const many = Array.from({ length: 300 }, (_, n) => `10.0.${n % 250}.0/24`);
  const { findings } = compiled(pool("a", ["10.0.0.0/16"]), pool("many", many), pool("one", ["10.0.7.0/24"]));
  const blamed = (name: string) => findings.filter(({ object }) => object.name === name).length;
  equal(blamed("many"), 100);
  ok(blamed("one") > 0);
});
