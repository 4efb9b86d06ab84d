import { type BgpVerdict, decideBgp } from "../../speaker/intent/bgp.ts";
import type { BgpReason } from "../../speaker/intent/bgp-reason.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";

/** Why one node does not announce a Service by BGP, seen from outside. */
export type BgpNodeReason = BgpReason | "notMember" | "noPeer";

/**
 * Some node that announces the Service by BGP; undefined: nobody does. What its sessions do is another matter.
 * @param hint is asked first, so that an answer can stay what it was.
 */
export function someBgpNode(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
  hint?: string,
): string | undefined {
  const announces = (node: string): boolean => bgpExclusion(node, service, endpoints, context) === undefined;
  if (hint !== undefined && announces(hint)) return hint;
  for (const node of context.members.alive) if (announces(node)) return node;
  for (const node of context.foreignSpeakers) if (announces(node)) return node;
  return undefined;
}

/** All nodes that announce the Service by BGP, sorted. */
export function bgpNodes(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext): readonly string[] {
  const nodes = new Set([...context.members.alive, ...context.foreignSpeakers]);
  return [...nodes].filter((node) => bgpExclusion(node, service, endpoints, context) === undefined).sort();
}

/** Undefined: the node announces the Service by BGP. */
export function bgpExclusion(
  node: string,
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
): BgpNodeReason | undefined {
  if (!context.members.alive.has(node) && !context.foreignSpeakers.has(node)) return "notMember";
  const verdict = decideBgp(service, endpoints, { ...context, self: node });
  if (verdict.type === "silent") return verdict.reason;
  return hasPeer(node, verdict, context) ? undefined : "noPeer";
}

function hasPeer(node: string, { announcements }: BgpVerdict & { type: "announce" }, { snapshot }: ClusterContext): boolean {
  const here = snapshot.peers.filter(({ nodes }) => nodes.has(node));
  return announcements.some(({ peers }) => here.some(({ name }) => peers.length === 0 || peers.includes(name)));
}
