import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { peer } from "../../crds/config/fixture/peers.ts";
import type { BfdProfile, Peer } from "../../crds/config/snapshot.ts";
import { address } from "./fixture/session-driver.ts";
import { bfdRequest, type LocalFacts, sessionParameters } from "./session-request.ts";

const profile: BfdProfile = { name: "fast", echoMode: false, passiveMode: false };
const router = peer("router", { bfdProfile: "fast" });
const facts: LocalFacts = {
  sourceTowards: () => address("192.0.2.1"),
  isConnected: () => true,
  neighbourOn: () => undefined,
};

function parametersOf(changes: Partial<Peer>, own: Partial<LocalFacts> = {}, values: Partial<BfdProfile> = {}) {
  const request = bfdRequest({ ...router, ...changes }, new Map([["fast", { ...profile, ...values }]]), "n1");
  return request === undefined ? undefined : sessionParameters(request, { ...facts, ...own });
}

function multihopOf(changes: Partial<Peer>, own: Partial<LocalFacts> = {}): boolean | undefined {
  const parameters = parametersOf(changes, own);
  return typeof parameters === "object" ? parameters.multihop : undefined;
}

test("a profile that says nothing means 300 ms each way, echo 50 ms, three packets, any TTL", () => {
  deepEqual(parametersOf({}), {
    remote: address("192.0.2.2"),
    local: address("192.0.2.1"),
    multihop: false,
    desiredMinTxMs: 300,
    requiredMinRxMs: 300,
    echoIntervalMs: 50,
    detectMultiplier: 3,
    echo: false,
    passive: false,
    minimumTtl: 1,
  });
});

test("what the profile says holds", () => {
  const said = {
    transmitIntervalMs: 60,
    receiveIntervalMs: 61,
    echoIntervalMs: 62,
    detectMultiplier: 5,
    minimumTtl: 254,
    echoMode: true,
    passiveMode: true,
  };
  const parameters = parametersOf({}, {}, said);
  deepEqual(typeof parameters === "object" && [parameters.desiredMinTxMs, parameters.requiredMinRxMs], [60, 61]);
  deepEqual(typeof parameters === "object" && [parameters.echoIntervalMs, parameters.detectMultiplier], [62, 5]);
  deepEqual(typeof parameters === "object" && [parameters.minimumTtl, parameters.echo, parameters.passive], [254, true, true]);
});

test("a router without a profile, with one that is not there, or of another node has no session", () => {
  const { bfdProfile: _, ...without } = router;
  equal(bfdRequest(without, new Map([["fast", profile]]), "n1"), undefined);
  equal(bfdRequest(router, new Map(), "n1"), undefined);
  equal(bfdRequest(router, new Map([["fast", profile]]), "n2"), undefined);
});

test("an external router is one hop away unless it is said to be more", () => {
  const far = { isConnected: () => false };
  equal(multihopOf({}, far), false);
  equal(multihopOf({ remoteAS: "external" }, far), false);
  equal(multihopOf({ ebgpMultiHop: true }), true);
});

test("an internal peer is one hop away where its address is in a subnet of this node", () => {
  for (const internal of [{ remoteAS: 64_512 }, { remoteAS: "internal" }, { localASN: 64_513 }] as const) {
    equal(multihopOf(internal), false);
    equal(multihopOf(internal, { isConnected: () => false }), true);
  }
});

test("the peer's own source address is used before the kernel's choice", () => {
  const parameters = parametersOf({ sourceAddress: address("192.0.2.77") });
  deepEqual(typeof parameters === "object" && parameters.local, address("192.0.2.77"));
});

test("the kernel is asked in the peer's VRF, and the session is bound to it", () => {
  const asked: (string | undefined)[] = [];
  const sourceTowards = (_: unknown, device: string | undefined) => {
    asked.push(device);
    return address("192.0.2.1");
  };
  const parameters = parametersOf({ vrf: "red" }, { sourceTowards });
  deepEqual([typeof parameters === "object" && parameters.vrf, asked], ["red", ["red"]]);
});

test("the neighbour on an interface is one hop away, between link-local addresses, on that interface", () => {
  const neighbour = { remote: address("fe80::2"), local: address("fe80::1") };
  const parameters = parametersOf(
    { endpoint: { type: "interface", name: "eth1" }, remoteAS: "internal" },
    { neighbourOn: (name) => (name === "eth1" ? neighbour : undefined), isConnected: () => false },
  );
  deepEqual(typeof parameters === "object" && [parameters.remote, parameters.interfaceName, parameters.multihop], [
    neighbour.remote,
    "eth1",
    false,
  ]);
});

for (const { what, changes, own } of [
  { what: "there is no route to the peer", changes: {}, own: { sourceTowards: () => undefined } },
  { what: "no neighbor is known on interface eth1", changes: { endpoint: { type: "interface", name: "eth1" } }, own: {} },
  { what: "the source address is of another family than the peer", changes: { sourceAddress: address("::1") }, own: {} },
] as const) {
  test(`it is said when ${what}`, () => {
    equal(parametersOf(changes, own), what);
  });
}
