import { equal } from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod, PodSpec } from "./objects.ts";
import { chooseNode } from "./scheduler.ts";

const nodes: readonly Node[] = ["n1", "n2", "n3"].map((name) => ({
  metadata: { name, labels: { zone: name === "n3" ? "b" : "a" } },
}));

function pod(name: string, spec: Partial<PodSpec> = {}, owner = "set"): Pod {
  return {
    metadata: { name, ownerReferences: [{ kind: "ReplicaSet", name: owner, uid: owner }] },
    spec: { containers: [], ...spec },
  };
}

function required(expression: object, kind: "matchFields" | "matchExpressions"): Partial<PodSpec> {
  const nodeSelectorTerms = [{ [kind]: [expression] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

test("pods of one owner are spread, then pods at all, then names decide", () => {
  equal(chooseNode(pod("a"), nodes, []), "n1");
  equal(chooseNode(pod("b"), nodes, [pod("a", { nodeName: "n1" })]), "n2");
  const others = [pod("x", { nodeName: "n1" }, "other"), pod("y", { nodeName: "n2" }, "other")];
  equal(chooseNode(pod("a"), nodes, others), "n3");
});

test("a pod that is being deleted does not count", () => {
  const leaving = pod("a", { nodeName: "n1" });
  const metadata = { ...leaving.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
  equal(chooseNode(pod("b"), nodes, [{ ...leaving, metadata }]), "n1");
});

test("a DaemonSet's pod goes to the node that its affinity names", () => {
  const field = { key: "metadata.name", operator: "In", values: ["n2"] };
  equal(chooseNode(pod("a", required(field, "matchFields")), nodes, []), "n2");
});

test("nodeSelector and node affinity hold", () => {
  equal(chooseNode(pod("a", { nodeSelector: { zone: "b" } }), nodes, []), "n3");
  equal(chooseNode(pod("a", required({ key: "zone", operator: "NotIn", values: ["a"] }, "matchExpressions")), nodes, []), "n3");
  equal(chooseNode(pod("a", { nodeSelector: { zone: "c" } }), nodes, []), undefined);
});

test("a taint keeps pods away that do not tolerate it", () => {
  const tainted = nodes.map((node) => ({ ...node, spec: { taints: [{ key: "down", value: "yes", effect: "NoSchedule" }] } }));
  equal(chooseNode(pod("a"), tainted, []), undefined);
  equal(chooseNode(pod("a", { tolerations: [{ key: "down", value: "yes", effect: "NoSchedule" }] }), tainted, []), "n1");
  equal(chooseNode(pod("a", { tolerations: [{ key: "down", value: "no" }] }), tainted, []), undefined);
  equal(chooseNode(pod("a", { tolerations: [{ operator: "Exists" }] }), tainted, []), "n1");
});
