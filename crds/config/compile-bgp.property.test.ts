import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Adopted, adopt } from "./adopt.ts";
import type { Backend } from "./backend.ts";
import { compile } from "./compile.ts";
import type { Finding } from "./finding.ts";
import { Generations, node, object, peer, pool, type RawObject } from "./fixture/objects.ts";
import { emptyResources, type Resources } from "./resources.ts";

const createdAt = fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z");
const selectors = fc.constantFrom([], [], [{ matchLabels: { rack: "1" } }], [{ matchLabels: { rack: "2" } }]);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Objects with unique names, right by themselves but for a few. */
function some(names: readonly string[], spec: fc.Arbitrary<object>): fc.Arbitrary<readonly RawObject[]> {
  const each = fc.tuple(fc.constantFrom(...names), spec, createdAt).map(([name, of, at]) => object(name, of, { createdAt: at }));
  return fc.uniqueArray(each, { selector: ({ metadata: { name } }) => name, maxLength: names.length });
}

const names = (...all: readonly string[]) => fc.subarray([...all], { maxLength: 2 });

const world: fc.Arbitrary<World> = fc.record({
  pools: some(
    ["p", "q", "r"],
    fc.record({
      addresses: fc.constantFrom(["10.0.0.0/24"], ["10.1.0.0/28"], ["2001:db8::/64"], ["10.2.0.0/16", "2001:db8:1::/64"]),
    }),
  ),
  bgpPeers: some(
    ["p1", "p2", "p3", "p4"],
    fc.record({
      myASN: fc.constantFrom(64512, 64512, 64512, 64513, 0),
      peerASN: fc.constant(65000),
      peerAddress: fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3"),
      routerID: optional(fc.constantFrom("1.1.1.1", "2.2.2.2")),
      vrf: fc.constantFrom("", "", "red"),
      bfdProfile: fc.constantFrom("", "f1", "f2", "f3"),
      passwordSecret: fc.constantFrom({}, { name: "good" }, { name: "bad" }, { name: "none" }),
      nodeSelectors: selectors,
    }),
  ),
  bgpAdvertisements: some(
    ["a1", "a2", "a3", "a4"],
    fc.record({
      ipAddressPools: names("p", "q", "r", "z"),
      peers: names("p1", "p2", "p9"),
      aggregationLength: fc.constantFrom(32, 32, 24),
      aggregationLengthV6: fc.constantFrom(128, 128, 64, 129),
      localPref: fc.constantFrom(0, 0, 100),
      communities: names("1:1", "alias", "other"),
      nodeSelectors: selectors,
    }),
  ),
  bfdProfiles: some(["f1", "f2"], fc.record({ echoMode: fc.boolean(), minimumTtl: fc.constantFrom(1, 254, 0) })),
  communities: some(
    ["c1", "c2", "c3"],
    fc.record({
      communities: fc.constantFrom(
        [{ name: "alias", value: "2:2" }],
        [{ name: "other", value: "3:3" }],
        [{ name: "x", value: "?" }],
      ),
    }),
  ),
  nodes: fc.constantFrom([], [node("n1", { rack: "1" }), node("n2", { rack: "2" })], [node("n1", { rack: "1" })]),
});

const backend = fc.constantFrom<Backend>("herald", "frr", "native");
const lists = ["pools", "bgpPeers", "bgpAdvertisements", "bfdProfiles", "communities"] as const;
type World = { readonly [list in (typeof lists)[number] | "nodes"]: readonly object[] };
const emptyWorld: World = { pools: [], bgpPeers: [], bgpAdvertisements: [], bfdProfiles: [], communities: [], nodes: [] };
const kinds = {
  pools: "IPAddressPool",
  bgpPeers: "BGPPeer",
  bgpAdvertisements: "BGPAdvertisement",
  bfdProfiles: "BFDProfile",
  communities: "Community",
} as const;

const secrets = [
  { metadata: { name: "good" }, type: "kubernetes.io/basic-auth", octets: { password: 6 } },
  { metadata: { name: "bad" }, type: "Opaque", octets: { password: 6 } },
];
const resourcesOf = (of: World): Resources => ({ ...emptyResources, ...of, secrets });
const errorsOf = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity === "error");
const nameOf = (raw: object) => (raw as RawObject).metadata.name;

/** The world without the objects that have an error. */
function standing(of: World, findings: readonly Finding[]): World {
  const aside = new Set(errorsOf(findings).map(({ object: { kind, name } }) => `${kind}/${name}`));
  const kept = lists.map((list) => [list, of[list].filter((raw) => !aside.has(`${kinds[list]}/${nameOf(raw)}`))]);
  return { ...of, ...Object.fromEntries(kept) };
}

test("random worlds hold peers and advertisements that stand, and some of each that do not", () => {
  const results = fc.sample(world, { numRuns: 200, seed: 7 }).map((each) => compile(resourcesOf(each), { backend: "frr" }));
  ok(results.flatMap(({ snapshot }) => snapshot.peers).length > 100);
  ok(results.flatMap(({ snapshot }) => snapshot.pools.flatMap(({ bgp }) => bgp)).length > 100);
  const codes = new Set(results.flatMap(({ findings }) => findings.map(({ code }) => code)));
  for (const code of [
    "AggregationMisfit",
    "LocalPrefConflict",
    "PeerDuplicate",
    "RouterIDConflict",
    "MyASNConflict",
    "BfdEchoOnIPv6",
    "CommunityDuplicate",
    "SecretTypeMismatch",
    "SecretMissing",
    "BfdProfileMissing",
    "CommunityUnknown",
    "PoolOverlap",
  ] as const)
    ok(codes.has(code), code);
});

test("the order of the objects does not matter", () => {
  fc.assert(
    fc.property(world, backend, (each, of) => {
      const reversed = Object.fromEntries(Object.entries(each).map(([list, objects]) => [list, objects.toReversed()]));
      deepEqual(compile({ ...resourcesOf(each), ...reversed }, { backend: of }), compile(resourcesOf(each), { backend: of }));
    }),
    { numRuns: 300 },
  );
});

test("an object that is set aside changes nothing for the others", () => {
  fc.assert(
    fc.property(world, backend, (each, of) => {
      const all = compile(resourcesOf(each), { backend: of });
      const rest = compile(resourcesOf(standing(each, all.findings)), { backend: of });
      deepEqual(rest.snapshot, all.snapshot);
      deepEqual(errorsOf(rest.findings), []);
    }),
    { numRuns: 400 },
  );
});

test("an object with an error of its own changes nothing that is said of the others", () => {
  const unlike = fc.constantFrom<readonly [(typeof lists)[number], object]>(
    ["pools", object("new", { addresses: ["typo"] })],
    ["bgpPeers", object("new", { myASN: 0 })],
    ["bgpAdvertisements", object("new", { aggregationLength: 33 })],
    ["bfdProfiles", object("new", { minimumTtl: 0 })],
    ["communities", object("new", { communities: [{ name: "alias", value: "?" }] })],
  );
  fc.assert(
    fc.property(world, backend, unlike, (each, of, [list, bad]) => {
      const without = compile(resourcesOf(each), { backend: of });
      const with_ = compile(resourcesOf({ ...each, [list]: [...each[list], bad] }), { backend: of });
      deepEqual(with_.snapshot, without.snapshot);
      deepEqual(
        with_.findings.filter(({ object: { name } }) => name !== "new"),
        without.findings,
      );
      equal(
        with_.findings.some(({ object: { name }, severity }) => name === "new" && severity === "error"),
        true,
      );
    }),
    { numRuns: 200 },
  );
});

test("whatever is edited, a peer or advertisement that is in force stays so while it exists, and who is not as written is blamed", () => {
  fc.assert(
    fc.property(fc.array(world, { minLength: 2, maxLength: 4 }), backend, (life, of) => {
      const generations = new Generations();
      let before: Adopted | undefined;
      for (const each of life) {
        const edited = generations.store(each);
        const after = adopt(before, resourcesOf(edited), { backend: of });
        const errors = new Set(errorsOf(after.findings).map(({ object: { kind, name } }) => `${kind}/${name}`));
        for (const raw of edited.bgpPeers) {
          const inForce = after.snapshot.peerByName.get(nameOf(raw));
          if (before?.snapshot.peerByName.has(nameOf(raw))) ok(inForce !== undefined, `${nameOf(raw)} is lost`);
          ok(inForce?.generation === generationOf(raw) || errors.has(`BGPPeer/${nameOf(raw)}`), `${nameOf(raw)} is not blamed`);
        }
        for (const raw of edited.bgpAdvertisements) {
          const isInForce = after.inForce.bgpAdvertisements.some((other) => nameOf(other as object) === nameOf(raw));
          ok(isInForce || errors.has(`BGPAdvertisement/${nameOf(raw)}`), `${nameOf(raw)} is not blamed`);
        }
        before = after;
      }
    }),
    { numRuns: 300 },
  );
});

/** A peer falls back to its last good meaning, which sets aside what set aside another peer: that one came with it. */
const sparing: readonly World[] = [
  { ...emptyWorld, bgpPeers: [peer("old", { bfdProfile: "f1" })] },
  {
    ...emptyWorld,
    pools: [pool("p", ["2001:db8:1::/64"])],
    bgpPeers: [
      peer("young", { peerAddress: "192.0.2.2", bfdProfile: "f1" }),
      peer("other", { peerAddress: "192.0.2.2" }),
      peer("old", { passwordSecret: { name: "bad" } }),
    ],
    bgpAdvertisements: [object("a1", {})],
    bfdProfiles: [object("f1", { echoMode: true })],
  },
];

test("the same world once more changes nothing", () => {
  fc.assert(
    fc.property(fc.array(world, { minLength: 1, maxLength: 4 }), backend, (life, of) => {
      const generations = new Generations();
      let settled: Adopted | undefined;
      for (const each of life) {
        const resources = resourcesOf(generations.store(each));
        settled = adopt(settled, resources, { backend: of });
        deepEqual(adopt(settled, resources, { backend: of }), settled);
      }
    }),
    { numRuns: 300, examples: [[[...sparing], "herald"]] },
  );
});

function generationOf(raw: object): unknown {
  return (raw as RawObject).metadata["generation"];
}
