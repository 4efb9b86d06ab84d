import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bgpPeerSchemas } from "../generated/bgp-peer.ts";
import { validateObject } from "../schema.ts";
import { convertBGPPeer, fieldsWithoutV1beta1, type PeerVersion } from "./bgp-peer.ts";

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

const hub = { apiVersion: "metallb.io/v1beta2", kind: "BGPPeer", metadata };
const old = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata };

test("on the way up nothing is added: timers and a port that are not there stay away", () => {
  const spec = { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1", nodeSelectors: [{ matchLabels: { a: "b" } }, {}] };
  deepEqual(converted({ ...old, spec }, "v1beta2"), { ...hub, spec });
});

test("zeros that were written stay, and durations stay in the words that they were written in", () => {
  const spec = {
    myASN: 0,
    peerASN: 0,
    peerAddress: "",
    password: "",
    ebgpMultiHop: false,
    holdTime: "0s",
    keepaliveTime: "90s",
    nodeSelectors: [],
  };
  deepEqual(converted({ ...old, spec }, "v1beta2"), { ...hub, spec });
  deepEqual(converted({ ...hub, spec }, "v1beta1"), { ...old, spec });
});

test("port 0, which only v1beta1 can hold, is no port in v1beta2", () => {
  const spec = { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" };
  deepEqual(converted({ ...old, spec: { ...spec, peerPort: 0 } }, "v1beta2"), { ...hub, spec });
  deepEqual(converted({ ...old, spec: { ...spec, peerPort: 1 } }, "v1beta2"), { ...hub, spec: { ...spec, peerPort: 1 } });
});

test("a timer that is no duration keeps nobody from reading the others: it is judged where the object is", () => {
  deepEqual(converted({ ...hub, spec: { myASN: 1, holdTime: "soon" } }, "v1beta1"), {
    ...old,
    spec: { myASN: 1, holdTime: "soon" },
  });
});

test("on the way down, what v1beta1 has no field for is lost, and nothing comes instead", () => {
  const kept = { myASN: 1, nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] };
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
  deepEqual(fieldsWithoutV1beta1.toSorted(), Object.keys(lost).sort());
  const status = { conditions: [] };
  deepEqual(converted({ ...hub, spec: { ...kept, ...lost }, status }, "v1beta1"), { ...old, spec: kept, status });
});

test("an object without a spec gets none", () => {
  deepEqual(converted(hub, "v1beta1"), old);
  deepEqual(converted(old, "v1beta2"), hub);
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
  { name: "nothing", object: null, reason: /cannot convert/ },
];
for (const { name, object, reason } of refused)
  test(`converting ${name} is an error`, () => {
    const result = convertBGPPeer(object, "v1beta2");
    ok(!result.ok);
    match(result.reason, reason);
  });

/** Any value that a schema admits. A field of a later day is met here as soon as it is in the manifest. */
function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  const { type, properties, required = [], items, minItems = 0, additionalProperties, minimum, maximum } = schema;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (type) {
    case "string":
      return fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom("90s", "0s", "1m30s", "10.0.0.1"));
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.oneof(fc.constant(minimum ?? 0), fc.integer({ min: minimum ?? 0, max: maximum ?? 100 }));
    case "array":
      return fc.array(anyOf(items ?? {}), { minLength: minItems, maxLength: 3 });
    case "object":
      if (additionalProperties !== undefined)
        return fc.dictionary(fc.string({ maxLength: 3 }), anyOf(additionalProperties), { maxKeys: 2 });
      return fc.record(Object.fromEntries(Object.entries(properties ?? {}).map(([key, each]) => [key, anyOf(each)])), {
        requiredKeys: [...required],
        noNullPrototype: true,
      });
  }
  throw new Error(`no arbitrary for type ${type}`);
}

type Schema = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly additionalProperties?: Schema;
};

const specOf = (version: PeerVersion): fc.Arbitrary<object> =>
  anyOf(bgpPeerSchemas[version].properties.spec) as fc.Arbitrary<object>;

test("whatever v1beta1 can say comes back from v1beta2 as it was, but for port 0, and is valid there", () => {
  fc.assert(
    fc.property(specOf("v1beta1"), (spec) => {
      const object = { ...old, spec };
      deepEqual(validateObject("BGPPeer", "v1beta1", object), []);
      const up = converted(object, "v1beta2");
      deepEqual(validateObject("BGPPeer", "v1beta2", up), []);
      const { peerPort = 0, ...rest } = spec as { readonly peerPort?: number };
      deepEqual(converted(up, "v1beta1"), { ...old, spec: { ...rest, ...(peerPort !== 0 && { peerPort }) } });
    }),
  );
});

test("whatever v1beta2 can say comes back from v1beta1 as it was, but for the fields that v1beta1 lacks", () => {
  fc.assert(
    fc.property(specOf("v1beta2"), (spec) => {
      const kept = Object.entries(spec).filter(([field]) => !fieldsWithoutV1beta1.includes(field));
      deepEqual(converted(converted({ ...hub, spec }, "v1beta1"), "v1beta2"), { ...hub, spec: Object.fromEntries(kept) });
    }),
  );
});

test("the conversion never throws, and does not change what it is given", () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom("v1beta1", "v1beta2"), (anything, version) => {
      const before = structuredClone(anything);
      for (const to of ["v1beta1", "v1beta2"] as const) {
        convertBGPPeer(anything, to);
        equal(typeof convertBGPPeer({ apiVersion: `metallb.io/${version}`, kind: "BGPPeer", spec: anything }, to).ok, "boolean");
      }
      deepEqual(anything, before);
    }),
  );
});
