import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { adopt } from "../../crds/config/adopt.ts";
import { emptyResources } from "../../crds/config/resources.ts";
import { formatPrefix } from "../../crds/net/prefix.ts";
import { decodeMemberFacts, encodeMemberFacts } from "../codec/membership-facts.ts";
import { type FactLink, objectsWithoutMeaning, ownFacts } from "./own-facts.ts";

function link(name: string, ...addresses: readonly (readonly [address: string, prefixLength: number])[]): FactLink {
  const mac = new Uint8Array([2, 0, 0, 0, 0, name.length]);
  return { name, mac, addresses: addresses.map(([address, prefixLength]) => ({ address, prefixLength })) };
}

const subnetsOf = (of: FactLink): readonly string[] => (ownFacts([of], []).interfaces[0]?.prefixes ?? []).map(formatPrefix);

test("a node names the subnets of its interfaces, each once", () => {
  deepEqual(subnetsOf(link("eth0", ["192.0.2.9", 24], ["192.0.2.77", 24], ["2001:db8::5", 64])), [
    "192.0.2.0/24",
    "2001:db8::/64",
  ]);
});

test("a host prefix is no subnet", () => {
  deepEqual(subnetsOf(link("eth0", ["192.0.2.9", 32], ["2001:db8::5", 128])), []);
});

test("a prefix of two addresses is a subnet", () => {
  deepEqual(subnetsOf(link("eth0", ["192.0.2.9", 31], ["2001:db8::5", 127])), ["192.0.2.8/31", "2001:db8::4/127"]);
});

test("link-local IPv6 is on every link and says nothing", () => {
  deepEqual(subnetsOf(link("eth0", ["fe80::1", 64])), []);
});

test("what is no address is passed over", () => {
  deepEqual(subnetsOf(link("eth0", ["nonsense", 24], ["192.0.2.9", 24])), ["192.0.2.0/24"]);
});

test("facts are the same in whatever order their parts come", () => {
  const [a, b] = [link("eth0", ["192.0.2.9", 24], ["198.51.100.1", 25]), link("eth1")];
  const turned = link("eth0", ["198.51.100.1", 25], ["192.0.2.9", 24]);
  deepEqual(
    ownFacts([a, b], ["L2Advertisement/y", "IPAddressPool/x"]),
    ownFacts([b, turned], ["IPAddressPool/x", "L2Advertisement/y"]),
  );
});

test("facts go through the wire's form unchanged", () => {
  const facts = ownFacts([link("eth0", ["192.0.2.9", 24])], ["IPAddressPool/x"]);
  deepEqual(decodeMemberFacts(encodeMemberFacts(facts)), { ok: true, value: facts });
});

const metadata = { namespace: "metallb-system" };
const pool = (name: string, address: string): unknown => ({
  metadata: { ...metadata, name },
  spec: { addresses: [address] },
});
const resources = (...pools: readonly unknown[]) => ({ ...emptyResources, pools });

test("a faulty object means nothing to a process that never saw a valid version of it", () => {
  const l2Advertisements = [{ metadata: { ...metadata, name: "l2" }, spec: { nodeSelectors: [{ matchLabels: { "-": "" } }] } }];
  const adopted = adopt(undefined, { ...resources(pool("bad", "nonsense"), pool("good", "192.0.2.0/24")), l2Advertisements });
  deepEqual(objectsWithoutMeaning(adopted), ["IPAddressPool/bad", "L2Advertisement/l2"]);
});

test("a faulty object whose last good meaning is in force is none of them", () => {
  const before = adopt(undefined, resources(pool("a", "192.0.2.0/24")));
  deepEqual(objectsWithoutMeaning(adopt(before, resources(pool("a", "nonsense")))), []);
});

test("objects that no address depends on are left out", () => {
  const bgpPeers = [{ metadata: { ...metadata, name: "peer" }, spec: {} }];
  deepEqual(objectsWithoutMeaning(adopt(undefined, { ...emptyResources, bgpPeers })), []);
});
