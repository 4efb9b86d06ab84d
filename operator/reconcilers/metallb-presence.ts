import type { Pod } from "../../crds/types/kubernetes.ts";
import { heraldAnnotations } from "../../crds/types/well-known.ts";

/** Names of the Pods of MetalLB itself that run, sorted: while there are any, they own the addresses. */
export function metallbPods(pods: Iterable<Pod>): readonly string[] {
  const names: string[] = [];
  for (const pod of pods) if (isMetallb(pod) && runs(pod)) names.push(pod.metadata.name);
  return names.sort();
}

/** Herald's Pods carry MetalLB's labels too, and an annotation that MetalLB's do not have. */
function isMetallb({ metadata }: Pod): boolean {
  const { labels = {}, annotations = {} } = metadata;
  const labelled = labels["app"] === "metallb" || labels["app.kubernetes.io/name"] === "metallb";
  return labelled && annotations[heraldAnnotations.generation] === undefined;
}

/** A Pod that has not started does nothing yet; one on a lost node may well go on. */
function runs({ status }: Pod): boolean {
  return status?.phase === "Running" || status?.phase === "Unknown";
}
