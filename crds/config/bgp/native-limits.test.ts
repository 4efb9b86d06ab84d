import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Backend } from "../backend.ts";
import { brief, compiled, object, peer, pool } from "../fixture/objects.ts";
import type { Resources } from "../resources.ts";

const said = (resources: Partial<Resources>, backend: Backend) => brief(compiled(resources, { backend }).findings);

/** The native engine refuses it, the others do not. */
function refusedByNative(resources: Partial<Resources>, finding: string): void {
  deepEqual(said(resources, "native"), [`error NativeUnsupported ${finding}`]);
  deepEqual(said(resources, "frr"), []);
  deepEqual(said(resources, "herald"), []);
}

const fields = [
  ["keepaliveTime", "30s"],
  ["vrf", "red"],
  ["connectTime", "10s"],
  ["enableGracefulRestart", true],
  ["disableMP", true],
  ["dualStackAddressFamily", true],
  ["localASN", 65010],
] as const;
for (const [field, value] of fields)
  test(`the native engine refuses a peer with ${field}`, () => {
    refusedByNative({ bgpPeers: [peer("p", { [field]: value })] }, `p spec.${field}`);
  });

test("the native engine refuses a peer with dynamicASN, with an interface, and with a BFD profile", () => {
  refusedByNative({ bgpPeers: [peer("p", { peerASN: undefined, dynamicASN: "external" })] }, "p spec.dynamicASN");
  refusedByNative({ bgpPeers: [peer("p", { peerAddress: undefined, interface: "eth0" })] }, "p spec.interface");
  deepEqual(said({ bgpPeers: [peer("p", { bfdProfile: "fast" })] }, "native"), ["error NativeUnsupported p spec.bfdProfile"]);
});

test("the native engine takes a peer whose fields are switched off, and a hold time", () => {
  const off = {
    holdTime: "0s",
    keepaliveTime: "0s",
    enableGracefulRestart: false,
    disableMP: false,
    dualStackAddressFamily: false,
  };
  deepEqual(said({ bgpPeers: [peer("p", { ...off, vrf: "", interface: "", bfdProfile: "" })] }, "native"), []);
  deepEqual(said({ bgpPeers: [peer("p", { holdTime: "90s" })] }, "native"), []);
});

test("the native engine refuses every BFDProfile", () => {
  refusedByNative({ bfdProfiles: [object("fast", {})] }, "fast spec");
});

test("the native engine refuses large communities, as an alias and in an advertisement", () => {
  const communities = [{ name: "big", value: "large:1:2:3" }];
  refusedByNative({ communities: [object("c", { communities })] }, "c spec.communities[0].value");
  refusedByNative({ bgpAdvertisements: [object("ad", { communities: ["1:2", "large:1:2:3"] })] }, "ad spec.communities[1]");
});

test("the native engine refuses to announce a pool with IPv6 addresses, and the pool stands", () => {
  const pools = [pool("six", ["10.0.0.0/24", "2001:db8::/64"]), pool("four", ["10.0.1.0/24"])];
  refusedByNative({ pools, bgpAdvertisements: [object("ad", {})] }, "ad spec");
  deepEqual(said({ pools, bgpAdvertisements: [object("ad", { ipAddressPools: ["four"] })] }, "native"), []);
  deepEqual(said({ pools }, "native"), []);
});
