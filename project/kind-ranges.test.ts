import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { rangeOfSubnet, rangesOfNetworks } from "../scripts/kind-ranges.ts";

test("an IPv4 range lies in the last 256 addresses of the subnet", () => {
  equal(rangeOfSubnet("172.18.0.0/16"), "172.18.255.200-172.18.255.250");
  equal(rangeOfSubnet("192.168.7.0/24"), "192.168.7.200-192.168.7.250");
  equal(rangeOfSubnet("10.0.0.0/8"), "10.255.255.200-10.255.255.250");
});

test("an IPv6 range lies in the subnet", () => {
  equal(rangeOfSubnet("fc00:f853:ccd:e793::/64"), "fc00:f853:ccd:e793::ffff:200-fc00:f853:ccd:e793::ffff:250");
});

test("a subnet that is too small, or none, gives no range", () => {
  equal(rangeOfSubnet("192.168.7.0/28"), undefined);
  equal(rangeOfSubnet("kind"), undefined);
});

test("the order of docker's list does not matter", () => {
  const config = [{ Subnet: "fc00:f853:ccd:e793::/64" }, { Subnet: "172.18.0.0/16" }];
  const wanted = ["172.18.255.200-172.18.255.250", "fc00:f853:ccd:e793::ffff:200-fc00:f853:ccd:e793::ffff:250"];
  deepEqual(rangesOfNetworks([{ IPAM: { Config: config } }]), wanted);
  deepEqual(rangesOfNetworks([{ IPAM: { Config: config.toReversed() } }]), wanted);
});

test("a network without subnets gives no range", () => {
  deepEqual(rangesOfNetworks([{ IPAM: { Config: null } }, {}]), []);
});
