import type { L2Advertisement } from "../../crds/config/snapshot.ts";
import { labels } from "../../crds/types/well-known.ts";
import type { Announceable } from "./announceable.ts";
import type { NodeView } from "./cluster.ts";
import type { ClusterContext } from "./context.ts";
import type { Candidate } from "./l2-election.ts";
import type { NodeReason } from "./reason.ts";

const excludeLabel = labels.excludeFromExternalLoadBalancers;

/** Why `node` may not own the Service's addresses, whoever else is a member; undefined: it may. */
export function exclusionOf(
  node: string,
  { advertisements, localNodes }: Announceable,
  context: ClusterContext,
): NodeReason | undefined {
  if (!advertisements.some((advertisement) => advertisement.nodes.has(node))) return "noMatchingAdvertisement";
  const unavailable = nodeExclusion(context.nodes.get(node), context.options.ignoreExcludeLB);
  if (unavailable !== undefined) return unavailable;
  return localNodes === undefined || localNodes.has(node) ? undefined : "noLocalEndpoints";
}

/** Those of `nodes` that may own the Service's addresses as far as the API says, with their scores. */
export function candidatesAmong(nodes: Iterable<string>, subject: Announceable, context: ClusterContext): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const node of nodes) {
    if (exclusionOf(node, subject, context) !== undefined) continue;
    candidates.push({ node, score: scoreOf(node, subject.advertisements) });
  }
  return candidates;
}

/**
 * What makes a node a candidate, as plain data to compare: with the same, all decisions stay. Labels beside the one that
 * excludes come in through the configuration, whose node selectors are resolved to names; readiness through membership.
 */
export function candidacyOf({ ready, networkUnavailable, labels: own }: NodeView): readonly boolean[] {
  return [ready, networkUnavailable, Object.hasOwn(own, excludeLabel)];
}

/** Why a node owns nothing, whatever the Service. Readiness, cordon and taints are not asked: MetalLB does not either. */
export function nodeExclusion(
  node: NodeView | undefined,
  ignoreExcludeLB: boolean,
): "nodeNetworkUnavailable" | "nodeLabeledExcludeBalancers" | undefined {
  if (node === undefined) return undefined;
  if (node.networkUnavailable) return "nodeNetworkUnavailable";
  return !ignoreExcludeLB && Object.hasOwn(node.labels, excludeLabel) ? "nodeLabeledExcludeBalancers" : undefined;
}

function scoreOf(node: string, advertisements: readonly L2Advertisement[]): number {
  let score = 0;
  for (const { nodes, scores } of advertisements) if (nodes.has(node)) score += scores.get(node) ?? 0;
  return score;
}
