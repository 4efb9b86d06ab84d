import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { intersect, rangesOf } from "../net/address-set.ts";
import { schemas } from "../schemas.ts";
import type { Backend } from "./backend.ts";
import { compile } from "./compile.ts";
import { emptyResources, type Resources } from "./resources.ts";

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** Words that mean something to some rule, so that random objects meet and clash. */
const words = fc.constantFrom("a", "b", "c", "web", "In", "Exists", "", "__proto__");

/** Fields whose words are their own. */
const wordsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  addresses: fc.array(
    fc.constantFrom("10.0.0.0/30", "10.0.0.2-10.0.0.9", "10.0.1.0/24", "2001:db8::/126", "10.0.0.9", "::-0.0.0.0"),
    { maxLength: 2 },
  ),
  peerAddress: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "router", ""),
  routerID: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "0.0.0.0"),
  sourceAddress: fc.constantFrom("192.0.2.7", "x"),
  holdTime: fc.constantFrom("90s", "2s", "-1h", "x", "0"),
  keepaliveTime: fc.constantFrom("30s", "1ns", "x"),
  connectTime: fc.constantFrom("10s", "1ms", "x"),
  value: fc.constantFrom("1:1", "large:1:2:3", "1:x", "a"),
  communities: fc.array(fc.oneof(words, fc.constantFrom("1:1", "large:1:2:3", "1:x")), { maxLength: 3 }),
  operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist", "Maybe"),
  key: fc.constantFrom("a", "b", "web", ""),
};

/** Objects that a schema accepts. */
function accepted(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return acceptedObject(schema);
    case "array":
      return fc.array(accepted(schema.items ?? {}), { maxLength: 3 });
    case "integer":
      return fc.integer({ min: schema.minimum ?? -3, max: schema.maximum ?? 1000 });
    case "boolean":
      return fc.boolean();
    default:
      return words;
  }
}

function acceptedObject({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (additionalProperties !== undefined) return fc.dictionary(words, accepted(additionalProperties), { maxKeys: 3 });
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, wordsOf[name] ?? accepted(property)]),
  );
  return fc.record(fields, { requiredKeys: [...required] });
}

const metadata = fc.record(
  {
    name: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    generation: fc.integer({ min: 1, max: 2 }),
    creationTimestamp: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    labels: fc.dictionary(words, words, { maxKeys: 2 }),
  },
  { requiredKeys: ["name"] },
);

function objects(kind: string, version = "v1beta1"): fc.Arbitrary<object> {
  const schema: Schema = schemas[kind]?.[version] ?? {};
  return fc.tuple(metadata, acceptedObject(schema)).map(([meta, rest]) => ({ ...(rest as object), metadata: meta }));
}

/** Random objects of which some have a random value in a random place. */
function broken(valid: fc.Arbitrary<object>): fc.Arbitrary<unknown> {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true, maxDepth: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: valid },
    { weight: 1, arbitrary: anything },
    {
      weight: 3,
      arbitrary: fc
        .tuple(valid, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), anything)
        .map(([object, path, value]) => withValueAt(object, path, value)),
    },
  );
}

function withValueAt(object: unknown, [turn, ...rest]: readonly number[], value: unknown): unknown {
  if (turn === undefined || typeof object !== "object" || object === null) return value;
  const keys = Object.keys(object);
  const key = keys[turn % Math.max(1, keys.length)];
  if (key === undefined) return value;
  if (Array.isArray(object)) return object.map((each, index) => (String(index) === key ? withValueAt(each, rest, value) : each));
  return Object.fromEntries(
    Object.entries(object).map(([name, each]) => [name, name === key ? withValueAt(each, rest, value) : each]),
  );
}

function resources(of: (valid: fc.Arbitrary<object>) => fc.Arbitrary<unknown>): fc.Arbitrary<Resources> {
  const some = (kind: string, version?: string) => fc.array(of(objects(kind, version)), { maxLength: 5 });
  const labelled = fc.array(of(metadata.map((meta) => ({ metadata: meta }))), { maxLength: 3 });
  return fc.record({
    pools: some("IPAddressPool"),
    l2Advertisements: some("L2Advertisement"),
    bgpAdvertisements: some("BGPAdvertisement"),
    bgpPeers: fc.oneof(some("BGPPeer", "v1beta2"), some("BGPPeer", "v1beta1").map(asV1Beta1)),
    bfdProfiles: some("BFDProfile"),
    communities: some("Community"),
    namespaces: labelled,
    nodes: labelled,
    secrets: fc.array(of(secret), { maxLength: 3 }),
  });
}

const secret = fc.record({
  metadata,
  type: fc.constantFrom("Opaque", "kubernetes.io/basic-auth"),
  keys: fc.array(fc.constantFrom("password", "a"), { maxLength: 2 }),
});

function asV1Beta1(objects_: readonly unknown[]): readonly unknown[] {
  return objects_.map((each) => (typeof each === "object" ? { ...each, apiVersion: "metallb.io/v1beta1" } : each));
}

const backend = fc.constantFrom<Backend>("herald", "frr", "native");

const valid = resources((each) => each);
const any = resources(broken);

/** Pools that are right by themselves, often side by side, often overlapping; names are unique, as in the API. */
const goodPools: fc.Arbitrary<readonly object[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"),
      createdAt: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
      accepted: fc.boolean(),
      ranges: fc.array(fc.tuple(fc.nat(30), fc.nat(6)), { minLength: 1, maxLength: 3 }),
    }),
    { selector: ({ name }) => name },
  )
  .map((pools) =>
    pools.map(({ name, createdAt, accepted: isAccepted, ranges }) => ({
      metadata: { name, creationTimestamp: createdAt, generation: 1 },
      spec: { addresses: ranges.map(([first, length]) => `10.0.0.${first}-10.0.0.${first + length}`) },
      status: { conditions: isAccepted ? [{ type: "Accepted", status: "True", observedGeneration: 1 }] : [] },
    })),
  );

function reordered(from: Resources): Resources {
  return {
    pools: from.pools.toReversed(),
    l2Advertisements: from.l2Advertisements.toReversed(),
    bgpAdvertisements: from.bgpAdvertisements.toReversed(),
    bgpPeers: from.bgpPeers.toReversed(),
    bfdProfiles: from.bfdProfiles.toReversed(),
    communities: from.communities.toReversed(),
    namespaces: from.namespaces.toReversed(),
    nodes: from.nodes.toReversed(),
    ...(from.secrets !== undefined && { secrets: from.secrets.toReversed() }),
  };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value))
    Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}

test("random objects do reach the snapshot: the properties below speak of something", () => {
  const snapshots = fc.sample(valid, { numRuns: 300, seed: 1 }).map((each) => compile(each).snapshot);
  for (const count of [
    snapshots.flatMap(({ pools }) => pools).length,
    snapshots.flatMap(({ pools }) => pools.flatMap(({ bgp }) => bgp)).length,
    snapshots.flatMap(({ bfdProfiles }) => [...bfdProfiles]).length,
  ])
    ok(count > 10, String(count));
});

test("compile never throws on random objects that the schemas accept", () => {
  fc.assert(
    fc.property(valid, backend, (each, of) => Array.isArray(compile(each, { backend: of }).findings)),
    { numRuns: 200 },
  );
});

test("compile never throws on objects that the schemas refuse, nor on anything else", () => {
  fc.assert(
    fc.property(any, backend, (each, of) => Array.isArray(compile(each, { backend: of }).findings)),
    { numRuns: 300 },
  );
  const lists = Object.keys({ ...emptyResources, secrets: [] });
  fc.assert(
    fc.property(fc.anything(), (each) => {
      const everywhere = Object.fromEntries(lists.map((list) => [list, [each]]));
      const instead = Object.fromEntries(lists.map((list) => [list, each]));
      return [everywhere as unknown as Resources, instead as unknown as Resources].every((resources_) =>
        Array.isArray(compile(resources_).findings),
      );
    }),
  );
});

test("compile does not depend on the order of the objects", () => {
  fc.assert(
    fc.property(any, backend, (each, of) => deepEqual(compile(reordered(each), { backend: of }), compile(each, { backend: of }))),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(goodPools, (pools) =>
      deepEqual(compile({ ...emptyResources, pools: pools.toReversed() }), compile({ ...emptyResources, pools })),
    ),
  );
});

test("compile changes none of its objects", () => {
  fc.assert(
    fc.property(any, (each) => Array.isArray(compile(deepFrozen(each)).findings)),
    { numRuns: 100 },
  );
});

test("no two pools in force share an address, and a pool is in force or blamed", () => {
  fc.assert(
    fc.property(goodPools, (pools) => {
      const { snapshot, findings } = compile({ ...emptyResources, pools });
      for (const [index, pool] of snapshot.pools.entries())
        for (const other of snapshot.pools.slice(index + 1)) deepEqual(rangesOf(intersect(pool.addresses, other.addresses)), []);
      const blamed = new Set(findings.map(({ object }) => object.name));
      equal(blamed.size + snapshot.pools.length, pools.length);
      for (const { name } of snapshot.pools) ok(!blamed.has(name), name);
    }),
    { numRuns: 300 },
  );
});

test("an object that is set aside changes nothing for the others", () => {
  fc.assert(
    fc.property(goodPools, (pools) => {
      const { snapshot } = compile({ ...emptyResources, pools });
      const standing = pools.filter((pool) => snapshot.poolByName.has((pool as { metadata: { name: string } }).metadata.name));
      deepEqual(compile({ ...emptyResources, pools: standing }), { snapshot, findings: [] });
    }),
    { numRuns: 300 },
  );
});

test("findings come by kind, name and place in the object", () => {
  const bad = (name: string) => ({ metadata: { name }, spec: { addresses: Array.from({ length: 12 }, () => "x") } });
  const { findings } = compile({
    ...emptyResources,
    pools: [bad("b"), bad("a")],
    l2Advertisements: [{ metadata: { name: "z" }, spec: { ipAddressPools: ["?"] } }],
  });
  const places = findings.map(({ object, field }) => `${object.kind} ${object.name} ${field}`);
  const ofPool = (name: string) => Array.from({ length: 12 }, (_, index) => `IPAddressPool ${name} spec.addresses[${index}]`);
  deepEqual(places, [...ofPool("a"), ...ofPool("b"), "L2Advertisement z spec.ipAddressPools[0]"]);
});

test("two pools of one name: one stands, the other is told", () => {
  const pool = (address: string) => ({ metadata: { name: "p" }, spec: { addresses: [address], avoidBuggyIPs: true } });
  const { snapshot, findings } = compile({ ...emptyResources, pools: [pool("10.0.1.0/24"), pool("10.0.0.0/24")] });
  deepEqual([snapshot.pools.length, findings.map(({ code }) => code)], [1, ["DuplicateName"]]);
});
