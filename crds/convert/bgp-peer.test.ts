import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { validateObject } from "../schema.ts";
import { convertBGPPeer, type PeerVersion } from "./bgp-peer.ts";

const metadata = {
  name: "router",
  namespace: "metallb-system",
  uid: "1-2",
  labels: { a: "b" },
  annotations: { c: "d" },
  generation: 3,
};

function converted(object: object, to: PeerVersion): object {
  const result = convertBGPPeer(object, to);
  ok(result.ok);
  return result.object;
}

test("a v1beta1 peer keeps its fields, and its timers are always set", () => {
  const spec = {
    myASN: 64512,
    peerASN: 64513,
    peerAddress: "10.0.0.1",
    ebgpMultiHop: true,
    nodeSelectors: [{ matchLabels: { a: "b" } }, {}],
  };
  deepEqual(converted({ apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata, spec }, "v1beta2"), {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata,
    spec: { ...spec, holdTime: "0s", keepaliveTime: "0s" },
  });
});

test("durations come out in Go's canonical form", () => {
  const spec = { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", holdTime: "90s", keepaliveTime: "30000ms" };
  deepEqual(converted({ apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata, spec }, "v1beta2"), {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata,
    spec: { ...spec, holdTime: "1m30s", keepaliveTime: "30s" },
  });
});

test("on the way down, what v1beta1 has no field for is lost", () => {
  const kept = {
    myASN: 1,
    peerASN: 2,
    peerAddress: "10.0.0.1",
    sourceAddress: "10.0.0.2",
    peerPort: 179,
    routerID: "10.0.0.3",
    password: "x",
    bfdProfile: "b",
    ebgpMultiHop: false,
  };
  const lost = {
    connectTime: "10s",
    passwordSecret: { name: "s" },
    vrf: "red",
    interface: "eth0",
    dynamicASN: "external",
    localASN: 7,
    enableGracefulRestart: true,
    disableMP: false,
    dualStackAddressFamily: false,
  };
  const nodeSelectors = [
    {
      matchExpressions: [
        { key: "a", operator: "Exists" },
        { key: "b", operator: "In", values: ["c"] },
      ],
    },
  ];
  const down = converted(
    {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata,
      spec: { ...kept, ...lost, nodeSelectors },
      status: { conditions: [] },
    },
    "v1beta1",
  );
  deepEqual(down, {
    apiVersion: "metallb.io/v1beta1",
    kind: "BGPPeer",
    metadata,
    spec: {
      ...kept,
      holdTime: "0s",
      keepaliveTime: "0s",
      nodeSelectors: [
        {
          matchExpressions: [
            { key: "a", operator: "Exists", values: [] },
            { key: "b", operator: "In", values: ["c"] },
          ],
        },
      ],
    },
    status: { conditions: [] },
  });
});

test("a peer that went down and up again lacks what v1beta1 lacks, and nothing else", () => {
  const spec = {
    myASN: 1,
    peerASN: 2,
    peerAddress: "10.0.0.1",
    holdTime: "9s",
    keepaliveTime: "3s",
    nodeSelectors: [{ matchLabels: { a: "b" } }],
  };
  const object = { apiVersion: "metallb.io/v1beta2", kind: "BGPPeer", metadata, spec: { ...spec, vrf: "red" } };
  deepEqual(converted(converted(object, "v1beta1"), "v1beta2"), { ...object, spec });
});

const refused = [
  {
    name: "the version it has already",
    object: { apiVersion: "metallb.io/v1beta2", kind: "BGPPeer", spec: {} },
    reason: /only a BGPPeer of metallb.io\/v1beta1/,
  },
  {
    name: "another kind",
    object: { apiVersion: "metallb.io/v1beta1", kind: "BFDProfile", spec: {} },
    reason: /BFDProfile of metallb.io\/v1beta1/,
  },
  {
    name: "a timer that is no duration",
    object: { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", spec: { holdTime: "abc" } },
    reason: /spec.holdTime: "abc" is no duration/,
  },
  { name: "nothing", object: null, reason: /cannot convert/ },
];
for (const { name, object, reason } of refused)
  test(`converting ${name} is an error`, () => {
    const result = convertBGPPeer(object, "v1beta2");
    ok(!result.ok);
    match(result.reason, reason);
  });

test("what comes up is a valid v1beta2 peer, and the conversion never throws", () => {
  const text = fc.string();
  const selector = fc.record(
    {
      matchLabels: fc.dictionary(text, text),
      matchExpressions: fc.array(fc.record({ key: text, operator: text, values: fc.array(text, { minLength: 1 }) })),
    },
    { requiredKeys: [] },
  );
  const spec = fc.record(
    {
      myASN: fc.nat(),
      peerASN: fc.nat(),
      peerAddress: text,
      peerPort: fc.integer({ min: 1, max: 16384 }),
      ebgpMultiHop: fc.boolean(),
      nodeSelectors: fc.array(selector),
    },
    { requiredKeys: ["myASN", "peerASN", "peerAddress"] },
  );
  fc.assert(
    fc.property(spec, (each) => {
      const object = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata, spec: each };
      deepEqual(validateObject("BGPPeer", "v1beta1", object), []);
      deepEqual(validateObject("BGPPeer", "v1beta2", converted(object, "v1beta2")), []);
    }),
  );
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      const object = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", spec: anything };
      equal(typeof convertBGPPeer(object, "v1beta2").ok, "boolean");
    }),
  );
});
