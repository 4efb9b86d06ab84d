import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unknownFields } from "./unknown-fields.ts";

test("fields that a kind does not have are found at every depth", () => {
  const object = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name: "a", lables: {}, labels: { any: "thing" } },
    spec: {
      adresses: [],
      serviceAllocation: { priorty: 1, namespaceSelectors: [{}, { matchLabel: {}, matchLabels: { any: "x" } }] },
    },
    stauts: {},
  };
  deepEqual(unknownFields("IPAddressPool", "v1beta1", object), [
    "metadata.lables",
    "spec.adresses",
    "spec.serviceAllocation.priorty",
    "spec.serviceAllocation.namespaceSelectors[1].matchLabel",
    "stauts",
  ]);
});

test("a field belongs to its version", () => {
  const peer = { spec: { myASN: 1, vrf: "red" } };
  deepEqual([unknownFields("BGPPeer", "v1beta1", peer), unknownFields("BGPPeer", "v1beta2", peer)], [["spec.vrf"], []]);
});

test("at most twenty are listed, and of what is no object none", () => {
  const spec = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]));
  equal(unknownFields("Community", "v1beta1", { spec }).length, 20);
  fc.assert(fc.property(fc.jsonValue(), fc.string(), (value, kind) => void unknownFields(kind, "v1beta1", value)));
});
