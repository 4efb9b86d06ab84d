import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import {
  annotationOf,
  deprecatedKeys,
  eventComponents,
  eventReasons,
  heraldAnnotations,
  isDraining,
  labels,
} from "./well-known.ts";

test("the current annotation key is read first", () => {
  equal(annotationOf({ "metallb.io/address-pool": "a", "metallb.universe.tf/address-pool": "b" }, "address-pool"), "a");
});

test("the deprecated key is read when the current one is absent", () => {
  equal(annotationOf({ "metallb.universe.tf/loadBalancerIPs": "b" }, "loadBalancerIPs"), "b");
});

test("a present but empty current key hides the deprecated one", () => {
  equal(annotationOf({ "metallb.io/allow-shared-ip": "", "metallb.universe.tf/allow-shared-ip": "b" }, "allow-shared-ip"), "");
});

test("no annotations, no value", () => {
  equal(annotationOf(undefined, "address-pool"), undefined);
  equal(annotationOf({}, "address-pool"), undefined);
});

test("keys with the deprecated prefix are found, sorted", () => {
  deepEqual(deprecatedKeys({ "metallb.universe.tf/z": "", "metallb.io/a": "", "metallb.universe.tf/b": "" }), [
    "metallb.universe.tf/b",
    "metallb.universe.tf/z",
  ]);
});

test("drain is on unless it is absent or false", () => {
  equal(isDraining({ [heraldAnnotations.drain]: "" }), true);
  equal(isDraining({ [heraldAnnotations.drain]: "true" }), true);
  for (const no of ["false", "False", "FALSE", " false\n"]) equal(isDraining({ [heraldAnnotations.drain]: no }), false, no);
  equal(isDraining({}), false);
});

test("events come from MetalLB's components, for MetalLB's reasons, one of which has blanks", () => {
  deepEqual(eventComponents, { operator: "metallb-controller", speaker: "metallb-speaker" });
  deepEqual(Object.values(eventReasons).sort(), [
    "AdditionalAssignFailed",
    "AllocationFailed",
    "ClearAssignment",
    "IPAllocated",
    "InternalError",
    "LoadBalancerFailed",
    "announceFailed",
    "deprecatedAnnotation",
    "noclusterIPsIPFamily",
    "nodeAssigned",
    "nolbIPsIPFamily",
    "not enough clusterips",
  ]);
});

test("the labels of status objects are MetalLB's", () => {
  const { node, serviceName, serviceNamespace, componentType, nodeName } = labels;
  deepEqual(
    [node, serviceName, serviceNamespace, componentType, nodeName],
    ["node", "service-name", "service-namespace", "component-type", "node-name"].map((name) => `metallb.io/${name}`),
  );
});
