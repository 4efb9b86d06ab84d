import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, node, object, pool } from "../fixture/objects.ts";

const four = [pool("p", ["10.0.0.0/16"])];
const six = [pool("p", ["2001:db8::/48"])];
const dual = [pool("p", ["10.0.0.0/16", "2001:db8::/48"])];
const nodes = [node("n1", { rack: "1" }), node("n2", { rack: "2" })];
const onRack = (rack: string) => ({ nodeSelectors: [{ matchLabels: { rack } }] });

/** Two advertisements that differ in localPref and by this much, the first one the elder. */
function pair(pools: readonly object[], a: object, b: object, known: readonly object[] = nodes) {
  const bgpAdvertisements = [
    object("young", { localPref: 200, ...b }, { createdAt: "2026-02-01T00:00:00Z" }),
    object("old", { localPref: 100, ...a }, { createdAt: "2026-01-01T00:00:00Z" }),
  ];
  const { snapshot, findings } = compiled({ pools, nodes: known, bgpAdvertisements });
  const said = brief(findings).filter((text) => !text.startsWith("pending"));
  return { said, attached: snapshot.pools[0]?.bgp.map(({ name }) => name), findings };
}

const services = { serviceSelectors: [{ matchLabels: { a: "b" } }] };
const cases = [
  { rule: "on one pool, all nodes, all peers", pools: four, a: {}, b: {}, conflict: true },
  { rule: "with one localPref", pools: four, a: {}, b: { localPref: 100 }, conflict: false },
  { rule: "with other IPv4 lengths on IPv4", pools: four, a: {}, b: { aggregationLength: 24 }, conflict: false },
  { rule: "with other IPv6 lengths on IPv4", pools: four, a: {}, b: { aggregationLengthV6: 64 }, conflict: true },
  { rule: "with other IPv6 lengths on IPv6", pools: six, a: {}, b: { aggregationLengthV6: 64 }, conflict: false },
  { rule: "with other IPv4 lengths on IPv6", pools: six, a: {}, b: { aggregationLength: 24 }, conflict: true },
  { rule: "with other IPv4 lengths on both families", pools: dual, a: {}, b: { aggregationLength: 24 }, conflict: true },
  { rule: "with other IPv6 lengths on both families", pools: dual, a: {}, b: { aggregationLengthV6: 64 }, conflict: true },
  {
    rule: "with two other lengths on both families",
    pools: dual,
    a: {},
    b: { aggregationLength: 24, aggregationLengthV6: 64 },
    conflict: false,
  },
  { rule: "to other peers", pools: four, a: { peers: ["x"] }, b: { peers: ["y"] }, conflict: false },
  { rule: "to a common peer", pools: four, a: { peers: ["x", "z"] }, b: { peers: ["y", "x"] }, conflict: true },
  { rule: "to one peer and to all", pools: four, a: { peers: ["x"] }, b: {}, conflict: true },
  { rule: "from other nodes", pools: four, a: onRack("1"), b: onRack("2"), conflict: false },
  { rule: "from a common node", pools: four, a: onRack("1"), b: {}, conflict: true },
  { rule: "from no node", pools: four, a: onRack("9"), b: {}, conflict: false },
  { rule: "with the elder for some Services", pools: four, a: services, b: {}, conflict: false },
  { rule: "with the younger for some Services", pools: four, a: {}, b: services, conflict: false },
];
for (const { rule, pools, a, b, conflict } of cases)
  test(`two local preferences ${rule}: ${conflict ? "the younger advertisement is set aside" : "no conflict"}`, () => {
    const { said, attached } = pair(pools, a, b);
    deepEqual(said, conflict ? ["error LocalPrefConflict young spec.localPref"] : []);
    deepEqual(attached, conflict ? ["old"] : ["old", "young"]);
  });

test("while no node is known, there is no conflict", () => {
  deepEqual(pair(four, {}, {}, []).said, []);
});

test("on different pools there is no conflict", () => {
  const pools = [...four, pool("q", ["10.1.0.0/16"])];
  deepEqual(pair(pools, { ipAddressPools: ["p"] }, { ipAddressPools: ["q"] }).said, []);
});

test("the message names both advertisements, both values and the pool", () => {
  const [finding] = pair(four, {}, {}).findings;
  match(
    finding?.message ?? "",
    /"young": spec\.localPref: local preference 200 on pool "p" conflicts with 100 of BGPAdvertisement "old"/,
  );
  deepEqual(
    finding?.others.map(({ kind, name }) => `${kind} ${name}`),
    ["BGPAdvertisement old", "IPAddressPool p"],
  );
});

test("an advertisement that is set aside costs no third one its place", () => {
  const at = (day: number) => ({ createdAt: `2026-01-0${day}T00:00:00Z` });
  const bgpAdvertisements = [
    object("1", { localPref: 1, ...onRack("1") }, at(1)),
    object("2", { localPref: 2 }, at(2)),
    object("3", { localPref: 3, ...onRack("2") }, at(3)),
  ];
  const { snapshot } = compiled({ pools: four, nodes, bgpAdvertisements });
  deepEqual(
    snapshot.pools[0]?.bgp.map(({ name }) => name),
    ["1", "3"],
  );
});
