import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, node, object, peer } from "../fixture/objects.ts";

/** One peer beside nothing else. */
function alone(spec: object) {
  const { snapshot, findings } = compiled({ bgpPeers: [peer("p", spec)] });
  return { meaning: snapshot.peerByName.get("p"), said: brief(findings), first: findings[0]?.message ?? "" };
}

test("a peer with the least that it needs has MetalLB's defaults", () => {
  const { snapshot } = compiled({ bgpPeers: [peer("p", { peerAddress: "192.0.2.1" })], nodes: [node("n2"), node("n1")] });
  deepEqual(snapshot.peers, [
    {
      name: "p",
      generation: 1,
      nodes: new Set(["n1", "n2"]),
      myASN: 64512,
      remoteAS: 64513,
      endpoint: { type: "address", address: { family: "IPv4", bits: 0xc0000201n } },
      port: 179,
      gracefulRestart: false,
      ebgpMultiHop: false,
      dualStack: false,
    },
  ]);
  equal(snapshot.peerByName.get("p"), snapshot.peers[0]);
});

test("a peer with every field means what its object says", () => {
  const spec = {
    peerASN: undefined,
    peerAddress: undefined,
    dynamicASN: "external",
    interface: "eth1",
    localASN: 65010,
    sourceAddress: "2001:db8::1",
    peerPort: 1179,
    routerID: "192.0.2.7",
    holdTime: "90s",
    keepaliveTime: "10s",
    connectTime: "5s",
    bfdProfile: "fast",
    enableGracefulRestart: true,
    ebgpMultiHop: true,
    vrf: "red",
    disableMP: true,
    dualStackAddressFamily: true,
    password: "secret",
    nodeSelectors: [{ matchLabels: { rack: "1" } }],
  };
  const nodes = [node("n1", { rack: "1" }), node("n2", { rack: "2" })];
  const { snapshot } = compiled({ bgpPeers: [peer("p", spec)], nodes, bfdProfiles: [object("fast", {})] });
  deepEqual(snapshot.peers, [
    {
      name: "p",
      generation: 1,
      nodes: new Set(["n1"]),
      myASN: 64512,
      remoteAS: "external",
      localASN: 65010,
      endpoint: { type: "interface", name: "eth1" },
      port: 1179,
      sourceAddress: { family: "IPv6", bits: 0x20010db8_00000000_00000000_00000001n },
      routerID: 0xc0000207,
      timers: { holdTimeSeconds: 90, keepaliveTimeMs: 10_000 },
      connectTimeSeconds: 5,
      password: { type: "octets", octets: [...new TextEncoder().encode("secret")] },
      bfdProfile: "fast",
      gracefulRestart: true,
      ebgpMultiHop: true,
      vrf: "red",
      dualStack: true,
    },
  ]);
});

const broken = [
  { name: "its own AS 0", spec: { myASN: 0 }, said: "MyASNInvalid p spec.myASN" },
  { name: "no AS of the router", spec: { peerASN: undefined }, said: "RemoteASMissing p spec.peerASN" },
  { name: "the router's AS 0", spec: { peerASN: 0 }, said: "RemoteASMissing p spec.peerASN" },
  { name: "two ways to say the router's AS", spec: { dynamicASN: "internal" }, said: "RemoteASConflict p spec.dynamicASN" },
  { name: "an unknown dynamicASN", spec: { peerASN: undefined, dynamicASN: "any" }, said: "SchemaViolation p spec.dynamicASN" },
  {
    name: "ebgpMultiHop to its own AS",
    spec: { peerASN: 64512, ebgpMultiHop: true },
    said: "MultiHopInternal p spec.ebgpMultiHop",
  },
  { name: "neither address nor interface", spec: { peerAddress: "" }, said: "EndpointMissing p spec.peerAddress" },
  { name: "address and interface", spec: { interface: "eth0" }, said: "EndpointConflict p spec.interface" },
  { name: "a hold time of 2 s", spec: { holdTime: "2s" }, said: "TimersInvalid p spec.holdTime" },
  { name: "a connect time of half a second", spec: { connectTime: "500ms" }, said: "ConnectTimeInvalid p spec.connectTime" },
  { name: "a host name as address", spec: { peerAddress: "router" }, said: "PeerAddressInvalid p spec.peerAddress" },
  { name: "a prefix as address", spec: { peerAddress: "10.0.0.1/32" }, said: "PeerAddressInvalid p spec.peerAddress" },
  { name: "a word as router ID", spec: { routerID: "r1" }, said: "RouterIDInvalid p spec.routerID" },
  { name: "an IPv6 address as router ID", spec: { routerID: "2001:db8::1" }, said: "RouterIDInvalid p spec.routerID" },
  { name: "0.0.0.0 as router ID", spec: { routerID: "0.0.0.0" }, said: "RouterIDInvalid p spec.routerID" },
  { name: "a word as source address", spec: { sourceAddress: "eth0" }, said: "SourceAddressInvalid p spec.sourceAddress" },
  { name: "a node selector twice", spec: { nodeSelectors: [{}, {}] }, said: "SelectorDuplicate p spec.nodeSelectors[1]" },
  {
    name: "a node selector that is none",
    spec: { nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "In" }] }] },
    said: "SelectorInvalid p spec.nodeSelectors[0].matchExpressions[0].values",
  },
  { name: "port 0", spec: { peerPort: 0 }, said: "SchemaViolation p spec.peerPort" },
  { name: "port 16385", spec: { peerPort: 16385 }, said: "SchemaViolation p spec.peerPort" },
  { name: "localASN 0", spec: { localASN: 0 }, said: "SchemaViolation p spec.localASN" },
];
for (const { name, spec, said } of broken)
  test(`a peer with ${name} is set aside alone`, () => {
    const { snapshot, findings } = compiled({ bgpPeers: [peer("p", spec), peer("other")] });
    deepEqual(brief(findings), [`error ${said}`]);
    deepEqual(
      snapshot.peers.map((each) => each.name),
      ["other"],
    );
  });

test("everything that is wrong with a peer is said, not only the first", () => {
  const { said } = alone({ myASN: 0, peerASN: 0, peerAddress: "x", routerID: "y", holdTime: "1s", connectTime: "z" });
  equal(said.length, 6);
});

test("AS numbers that are both missing are not the same one", () => {
  deepEqual(alone({ myASN: 0, peerASN: 0, ebgpMultiHop: true }).said, [
    "error MyASNInvalid p spec.myASN",
    "error RemoteASMissing p spec.peerASN",
  ]);
  deepEqual(alone({ myASN: 1, peerASN: 1, ebgpMultiHop: true }).said, ["error MultiHopInternal p spec.ebgpMultiHop"]);
});

test("an address that is none is refused with MetalLB's phrase", () => {
  match(alone({ peerAddress: "10.0.0" }).first, /invalid BGPPeer address "10\.0\.0"/);
});

test("a peer without a spec lacks its AS numbers and an address", () => {
  const { findings } = compiled({ bgpPeers: [{ metadata: { name: "p" } }] });
  deepEqual(
    findings.map(({ code }) => code),
    ["MyASNInvalid", "RemoteASMissing", "EndpointMissing"],
  );
});

test("a peer of the own AS is an internal one", () => {
  deepEqual(alone({ peerASN: 64512 }).said, []);
});

test("dynamicASN internal with ebgpMultiHop passes, as in MetalLB", () => {
  equal(alone({ peerASN: undefined, dynamicASN: "internal", ebgpMultiHop: true }).meaning?.remoteAS, "internal");
});

test("the family of the source address is not compared with the peer's", () => {
  deepEqual(alone({ sourceAddress: "2001:db8::1" }).said, []);
});

test("empty texts count as not set", () => {
  const spec = { sourceAddress: "", routerID: "", interface: "", bfdProfile: "", vrf: "", password: "" };
  const { meaning, said } = alone({ ...spec, passwordSecret: { name: "" } });
  deepEqual([said, Object.keys(meaning ?? {}).length], [[], 10]);
});

test("nothing is said of a valid peer beside a faulty one", () => {
  deepEqual(brief(compiled({ bgpPeers: [peer("good"), peer("bad", { myASN: 0 })] }).findings), [
    "error MyASNInvalid bad spec.myASN",
  ]);
});

const v1beta1 = (spec: object) => ({ ...peer("old", spec), apiVersion: "metallb.io/v1beta1" });

test("a peer of v1beta1 is read as the API server stores it, and timers that are not there are the usual ones", () => {
  const { snapshot, findings } = compiled({
    bgpPeers: [v1beta1({ nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] })],
    nodes: [node("n1", { a: "b" }), node("n2")],
  });
  const [read] = snapshot.peers;
  deepEqual([read?.timers, read?.port, read?.nodes], [undefined, 179, new Set(["n1"])]);
  deepEqual(brief(findings), []);
});

test("port 0 of v1beta1 means that none was chosen", () => {
  equal(compiled({ bgpPeers: [v1beta1({ peerPort: 0 })] }).snapshot.peers[0]?.port, 179);
  equal(compiled({ bgpPeers: [v1beta1({ peerPort: 1790 })] }).snapshot.peers[0]?.port, 1790);
});

test("a peer of v1beta1 is held against its own schema, and its timers must be durations", () => {
  const said = (spec: object) => brief(compiled({ bgpPeers: [v1beta1(spec)] }).findings);
  deepEqual(said({ peerAddress: undefined, peerASN: undefined }), [
    "error SchemaViolation old spec.peerASN",
    "error SchemaViolation old spec.peerAddress",
  ]);
  deepEqual(said({ peerASN: undefined }), ["error SchemaViolation old spec.peerASN"]);
  deepEqual(said({ holdTime: "soon" }), ["error TimersInvalid old spec.holdTime"]);
});
