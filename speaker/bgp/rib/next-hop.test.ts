import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../../../crds/net/address.ts";
import { address } from "../fixture/sample-routes.ts";
import { nextHopsOf, type SessionAddresses } from "./next-hop.ts";

const overIpv4: SessionAddresses = {
  local: address("192.0.2.1"),
  ipv4: address("192.0.2.1"),
  ipv6: address("2001:db8::1"),
  linkLocal: address("fe80::1"),
  directlyConnected: true,
  extendedNextHop: false,
  routerID: address("10.10.10.10"),
};
const overIpv6: SessionAddresses = { ...overIpv4, local: address("2001:db8::2") };
const overLinkLocal: SessionAddresses = { ...overIpv4, local: address("fe80::1") };

const cases: readonly {
  readonly name: string;
  readonly session: SessionAddresses;
  readonly IPv4?: readonly string[];
  readonly IPv6?: readonly string[];
}[] = [
  { name: "IPv4", session: overIpv4, IPv4: ["192.0.2.1"], IPv6: ["2001:db8::1", "fe80::1"] },
  {
    name: "IPv4 over hops, without the link-local address",
    session: { ...overIpv4, directlyConnected: false },
    IPv4: ["192.0.2.1"],
    IPv6: ["2001:db8::1"],
  },
  {
    name: "IPv4 without a global IPv6 address, the link-local one in both places",
    session: { ...overIpv4, ipv6: undefined, directlyConnected: false },
    IPv4: ["192.0.2.1"],
    IPv6: ["fe80::1", "fe80::1"],
  },
  {
    name: "IPv4 without any IPv6 address, no IPv6 routes",
    session: { ...overIpv4, ipv6: undefined, linkLocal: undefined },
    IPv4: ["192.0.2.1"],
  },
  { name: "IPv6", session: overIpv6, IPv4: ["192.0.2.1"], IPv6: ["2001:db8::2", "fe80::1"] },
  {
    name: "IPv6 over hops",
    session: { ...overIpv6, directlyConnected: false },
    IPv4: ["192.0.2.1"],
    IPv6: ["2001:db8::2"],
  },
  {
    name: "IPv6 without an IPv4 address, the router ID",
    session: { ...overIpv6, ipv4: undefined },
    IPv4: ["10.10.10.10"],
    IPv6: ["2001:db8::2", "fe80::1"],
  },
  {
    name: "IPv6 with extended next hops",
    session: { ...overIpv6, extendedNextHop: true },
    IPv4: ["2001:db8::2", "fe80::1"],
    IPv6: ["2001:db8::2", "fe80::1"],
  },
  { name: "link-local", session: overLinkLocal, IPv4: ["192.0.2.1"], IPv6: ["2001:db8::1", "fe80::1"] },
  {
    name: "link-local with extended next hops",
    session: { ...overLinkLocal, extendedNextHop: true },
    IPv4: ["fe80::1", "fe80::1"],
    IPv6: ["2001:db8::1", "fe80::1"],
  },
  {
    name: "link-local without a global address",
    session: { ...overLinkLocal, ipv6: undefined },
    IPv4: ["192.0.2.1"],
    IPv6: ["fe80::1", "fe80::1"],
  },
];

for (const { name, session, IPv4, IPv6 } of cases)
  test(`the node's own next hops over ${name}`, () => {
    const hops = nextHopsOf(session);
    deepEqual([hops.IPv4?.map(formatAddress), hops.IPv6?.map(formatAddress)], [IPv4, IPv6]);
  });
