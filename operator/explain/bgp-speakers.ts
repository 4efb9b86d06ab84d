import { type BgpVerdict, decideBgp } from "../../speaker/intent/bgp.ts";
import type { BgpReason } from "../../speaker/intent/bgp-reason.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";

/** The nodes whose speakers, of Herald or of MetalLB, announce the Service by BGP; sorted. */
export function bgpSpeakers(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
): readonly string[] {
  return nodesWithSpeaker(context).filter((node) => speaks(service, endpoints, context, node));
}

/** One of them. @param witness of the last time: asked first. */
export function someBgpSpeaker(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
  witness?: string,
): string | undefined {
  const nodes = nodesWithSpeaker(context);
  if (witness !== undefined && nodes.includes(witness) && speaks(service, endpoints, context, witness)) return witness;
  return nodes.find((node) => speaks(service, endpoints, context, node));
}

/** Why the first node does not. Where no node has a speaker: that none is selected. */
export function bgpSilence(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext): BgpReason {
  const [first] = nodesWithSpeaker(context);
  if (first === undefined) return "notOwner";
  const verdict = verdictOf(service, endpoints, context, first);
  return verdict.type === "silent" ? verdict.reason : "notOwner";
}

function nodesWithSpeaker({ nodes, members, foreignSpeakers }: ClusterContext): readonly string[] {
  return [...nodes.keys()].filter((name) => members.alive.has(name) || foreignSpeakers.has(name)).sort();
}

function speaks(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext, node: string): boolean {
  return verdictOf(service, endpoints, context, node).type === "announce";
}

/** Which of the two speakers of a node it is makes no difference to who asks from outside. */
function verdictOf(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext, self: string): BgpVerdict {
  return decideBgp(service, endpoints, { ...context, self });
}
