import { type Members, membersNamed, unknownMembers } from "./members.ts";
import type { NodeReadiness, SpeakerPodView } from "./speaker-pod.ts";

/** What the API says; `synced` is false until Nodes and Pods were listed once. */
export type ApiView = {
  readonly synced: boolean;
  /** A list, since several look at it: an iterator would be empty for the second. */
  readonly nodes: readonly NodeReadiness[];
  /** Undefined when Pods cannot be listed: then every Ready Node counts. */
  readonly pods: readonly SpeakerPodView[] | undefined;
};

/**
 * Members as the API knows them: Ready Nodes with a Ready speaker of ours. Where no speaker is Ready (all just started),
 * those that run; where no Pod of ours is known at all, all Ready Nodes. A Pod being deleted is no member.
 */
export function membersFromApi({ synced, nodes, pods }: ApiView): Members {
  if (!synced) return unknownMembers;
  const readyNodes = new Set<string>();
  for (const node of nodes) if (node.ready) readyNodes.add(node.name);
  const ours = (pods ?? []).filter((pod) => pod.herald);
  if (ours.length === 0) return membersNamed(readyNodes);
  const staying = ours.filter((pod) => !pod.leaving && readyNodes.has(pod.nodeName));
  const ready = staying.filter((pod) => pod.ready);
  const chosen = ready.length > 0 ? ready : staying.filter((pod) => pod.running);
  return membersNamed(chosen.map((pod) => pod.nodeName));
}

/** A speaker of MetalLB's runs on the node, whether or not its peers would elect it. */
export function foreignSpeakerRunsOn(node: string, { pods }: Pick<ApiView, "pods">): boolean {
  return (pods ?? []).some(({ nodeName, herald, running }) => nodeName === node && !herald && running);
}

/**
 * Nodes on which a speaker of MetalLB's runs. A Pod that is being deleted still answers until its container stops;
 * one on a Node that is not Ready does not count, since MetalLB's own members would not elect it.
 */
export function foreignSpeakerNodes({ nodes, pods }: Pick<ApiView, "nodes" | "pods">): ReadonlySet<string> {
  const readyNodes = new Set<string>();
  for (const node of nodes) if (node.ready) readyNodes.add(node.name);
  const foreign = new Set<string>();
  for (const pod of pods ?? []) if (!pod.herald && pod.running && readyNodes.has(pod.nodeName)) foreign.add(pod.nodeName);
  return foreign;
}
