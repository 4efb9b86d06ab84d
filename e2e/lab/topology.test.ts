import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { hostsOf, namespacePrefix, planTopology, podAddress } from "./topology.ts";

test("every machine has an address of each family, and no address twice", () => {
  const topology = planTopology({ id: "a", nodes: 80, family: "dual" });
  const addresses = hostsOf(topology).flatMap((host) => host.addresses);
  equal(addresses.length, 2 * 83);
  equal(new Set(addresses).size, addresses.length);
  deepEqual(topology.nodes[0]?.addresses, ["172.30.0.11", "fd30::11"]);
});

test("a single-stack lab has addresses of that family alone", () => {
  const { nodes, serviceCidrs, clusterCidrs } = planTopology({ id: "a", nodes: 1, family: "ipv6" });
  deepEqual([nodes[0]?.addresses, nodes[0]?.podCidrs], [["fd30::11"], ["fd00:10:244:1::/64"]]);
  deepEqual([serviceCidrs, clusterCidrs], [["fd00:10:96::/112"], ["fd00:10:244::/48"]]);
});

test("no lab's namespaces begin like another's", () => {
  equal("hl-ab-n1".startsWith(namespacePrefix("a")), false);
  for (const id of ["", "a-b", "A", "elevenchars", "../x"])
    throws(() => planTopology({ id, nodes: 1, family: "dual" }), RangeError);
});

test("the number of nodes is bounded, so that addresses do not reach the client's", () => {
  for (const nodes of [0, 81, 1.5, Number.NaN]) throws(() => planTopology({ id: "a", nodes, family: "dual" }), RangeError);
});

test("pods are numbered within their node's range", () => {
  equal(podAddress("10.244.3.0/24", 17), "10.244.3.17");
  equal(podAddress("fd00:10:244:3::/64", 17), "fd00:10:244:3::11");
});
