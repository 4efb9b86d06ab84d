import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { annotationFields, identityFields, outlineOfNamespace, outlineOfNode } from "./outline.ts";

const identity = {
  ...{ name: "a", namespace: "n", uid: "u", resourceVersion: "7", generation: 2 },
  ...{ creationTimestamp: "2026-01-01T00:00:00Z", deletionTimestamp: "2026-01-02T00:00:00Z" },
};
const labels = { tier: "x" };
const more = {
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
  managedFields: [{}],
  finalizers: ["f"],
};

test("of metadata it is kept which object it is, which version, and whether it is being deleted", () => {
  deepEqual(identityFields({ ...identity, labels, ...more }), identity);
  deepEqual(identityFields({ name: "a" }), { name: "a" });
});

test("annotations are kept that MetalLB or Herald reads or writes, in every spelling", () => {
  const ours = { "metallb.io/address-pool": "p", "metallb.universe.tf/allow-shared-ip": "k", "herald-lb.io/drain": "" };
  deepEqual(annotationFields({ name: "a", annotations: { ...more.annotations, ...ours } }), { annotations: ours });
  deepEqual(annotationFields({ name: "a", ...more }), {});
  deepEqual(annotationFields({ name: "a" }), {});
});

test("of a Namespace the labels are kept", () => {
  deepEqual(outlineOfNamespace({ metadata: { ...identity, labels, ...more } }), { metadata: { ...identity, labels } });
  deepEqual(outlineOfNamespace({ metadata: { name: "a" } }), { metadata: { name: "a" } });
});

test("of a Node the labels and the addresses at which others reach it are kept", () => {
  const reached = [
    { type: "InternalIP", address: "10.0.0.1" },
    { type: "ExternalIP", address: "192.0.2.1" },
  ];
  const status = { addresses: [{ type: "Hostname", address: "a" }, ...reached], nodeInfo: {} };
  deepEqual(outlineOfNode({ metadata: { ...identity, labels, ...more }, status }), {
    metadata: { ...identity, labels },
    status: { addresses: reached },
  });
  deepEqual(outlineOfNode({ metadata: { name: "a" }, status: { addresses: [{ type: "Hostname", address: "a" }] } }), {
    metadata: { name: "a" },
  });
});
