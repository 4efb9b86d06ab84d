import { equal } from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../../crds/net/address.ts";
import { routerIdOf, routerIdOfName } from "./router-id.ts";

const remote: Address = { family: "IPv6", bits: 2n };
const local6: Address = { family: "IPv6", bits: 1n };
const local4: Address = { family: "IPv4", bits: 0x0a000001n };
const other4: Address = { family: "IPv4", bits: 0xc0000201n };

const cases = [
  { name: "the configured one", routerID: 7, ends: { local: local4, remote }, id: 7 },
  { name: "the local IPv4 address", ends: { local: local4, remote, interfaceIPv4: other4 }, id: 0x0a000001 },
  { name: "the interface's IPv4 address on IPv6", ends: { local: local6, remote, interfaceIPv4: other4 }, id: 0xc0000201 },
  { name: "the name's where there is no IPv4 address", ends: { local: local6, remote }, id: 0x9650fc81 },
  { name: "never 0.0.0.0", ends: { local: { family: "IPv4", bits: 0n } as const, remote }, id: 0x9650fc81 },
];
for (const { name, routerID, ends, id } of cases)
  test(`the router ID is ${name}`, () => {
    equal(routerIdOf({ nodeName: "iris1", ...(routerID !== undefined && { routerID }) }, ends), id);
  });

test("a name gives the router ID that MetalLB gives it", () => {
  equal(routerIdOfName("iris1"), 0x9650fc81); // 150.80.252.129
  equal(routerIdOfName("iris2"), 0x2c01f518); // 44.1.245.24
  equal(routerIdOfName("node-a"), 0xab4d9978); // 171.77.153.120
  equal(routerIdOfName(""), 1);
});
