import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../../crds/net/address.ts";
import { ipv4Gateways, ipv6Gateways } from "./gateways.ts";

const ipv4Table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010210AC	0003	0	0	0	00000000	0	0	0
eth0	000210AC	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth1	0000000A	FE0210AC	0003	0	0	0	000000FF	0	0	0
`;
const ipv6Table = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003 eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo
`;

test("the gateway of an IPv4 default route is read, other routes are not", () => {
  deepEqual(ipv4Gateways(ipv4Table).map(formatAddress), ["172.16.2.1"]);
});

test("the gateway of an IPv6 default route is read, a route without one is not", () => {
  deepEqual(ipv6Gateways(ipv6Table).map(formatAddress), ["fd00::1"]);
});

test("tables that are empty or cut short have no gateways", () => {
  deepEqual([...ipv4Gateways(""), ...ipv6Gateways("")], []);
  for (let end = 0; end < ipv4Table.indexOf("0003"); end += 1) deepEqual(ipv4Gateways(ipv4Table.slice(0, end)), []);
});
