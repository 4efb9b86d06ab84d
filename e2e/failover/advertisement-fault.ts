import { equal } from "node:assert/strict";
import type { Lab } from "../lab/lab.ts";
import { heraldNamespace } from "../manifests.ts";
import type { Undo } from "./segment-fault.ts";

/** Takes a node out of those that may announce the failover lab's addresses. */
export async function exclude(lab: Lab, node: string): Promise<Undo> {
  const others = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "NotIn", values: [node] }] };
  await select(lab, [others]);
  return () => select(lab, []);
}

async function select(lab: Lab, nodeSelectors: readonly object[]): Promise<void> {
  const patch = JSON.stringify({ spec: { nodeSelectors } });
  const what = ["patch", "l2advertisement", "failover", "--type=merge", "-p", patch];
  const { code, stderr } = await lab.kubectl(["-n", heraldNamespace, ...what]);
  equal(code, 0, stderr);
}
