import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { validateObject } from "./schema.ts";
import { schemas } from "./schemas.ts";

test("every version of every kind has a schema that compiles", () => {
  equal(Object.keys(schemas).length, 9);
  for (const [kind, versions] of Object.entries(schemas)) {
    ok(Object.keys(versions).length > 0, kind);
    for (const version of Object.keys(versions))
      deepEqual(validateObject(kind, version, { metadata: {}, spec: validSpecOf(kind, version) }), []);
  }
});

function validSpecOf(kind: string, version: string): object {
  if (kind === "IPAddressPool") return { addresses: [] };
  if (kind !== "BGPPeer") return {};
  return version === "v1beta1" ? { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" } : { myASN: 4294967295 };
}

const pool = (spec: unknown) => ({ kind: "IPAddressPool", version: "v1beta1", object: { spec } });
const l2 = (spec: unknown) => ({ kind: "L2Advertisement", version: "v1beta1", object: { spec } });
const peer = (spec: unknown) => ({ kind: "BGPPeer", version: "v1beta2", object: { spec } });
const refused = [
  { ...pool({}), path: "spec.addresses" },
  { ...pool(undefined), path: "spec" },
  { ...pool({ addresses: ["a", "b", 3] }), path: "spec.addresses[2]" },
  { ...pool({ addresses: [], autoAssign: "true" }), path: "spec.autoAssign" },
  { ...pool({ addresses: [], serviceAllocation: { priority: 1.5 } }), path: "spec.serviceAllocation.priority" },
  {
    ...pool({ addresses: [], serviceAllocation: { serviceSelectors: [{ matchLabels: { "a.b/c": 3 } }] } }),
    path: "spec.serviceAllocation.serviceSelectors[0].matchLabels[a.b/c]",
  },
  { ...l2({ preferredNodeSelectors: [{ preference: {} }] }), path: "spec.preferredNodeSelectors[0].weight" },
  { ...l2({ preferredNodeSelectors: [{ preference: {}, weight: 101 }] }), path: "spec.preferredNodeSelectors[0].weight" },
  {
    ...l2({ nodeSelectors: [{ matchExpressions: [{ key: "a" }] }] }),
    path: "spec.nodeSelectors[0].matchExpressions[0].operator",
  },
  { ...peer({ myASN: 4294967296 }), path: "spec.myASN" },
  { ...peer({ myASN: 1, dynamicASN: "both" }), path: "spec.dynamicASN" },
];
for (const { kind, version, object, path } of refused)
  test(`${kind} ${JSON.stringify(object)} is refused at ${path}`, () => {
    deepEqual(
      validateObject(kind, version, object).map((error) => error.path),
      [path],
    );
  });

test("an unknown kind or version is an error, not an exception", () => {
  for (const [kind, version] of [
    ["Pool", "v1beta1"],
    ["IPAddressPool", "v9"],
    ["constructor", "name"],
  ] as const) {
    equal(validateObject(kind, version, {}).length, 1);
  }
});

test("an object that is not there, or no object, is refused", () => {
  for (const object of [undefined, null, 3, "text", []]) equal(validateObject("IPAddressPool", "v1beta1", object).length, 1);
});

test("errors without end are cut at 20", () => {
  equal(validateObject("IPAddressPool", "v1beta1", { spec: { addresses: Array.from({ length: 10_000 }, () => 1) } }).length, 20);
});

test("nothing at all makes it throw, not even an object that cannot be read", () => {
  const trap = new Proxy(
    {},
    {
      getOwnPropertyDescriptor: () => {
        throw new Error("no");
      },
      get: () => {
        throw new Error("no");
      },
      has: () => true,
    },
  );
  for (const kind of Object.keys(schemas)) ok(Array.isArray(validateObject(kind, "v1beta1", trap)));
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(schemas)),
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      (kind, object) => Array.isArray(validateObject(kind, "v1beta1", object)),
    ),
  );
});
