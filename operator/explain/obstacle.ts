import type { Pool } from "../../crds/config/snapshot.ts";
import { formatAddress } from "../../crds/net/address.ts";
import { announceable, placementOf } from "../../speaker/intent/announceable.ts";
import type { BgpReason } from "../../speaker/intent/bgp-reason.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { servingNodes } from "../../speaker/intent/endpoints.ts";
import { evidenceFor } from "../../speaker/intent/evidence.ts";
import { someOwner } from "../../speaker/intent/owner.ts";
import type { NodeReason, Reason } from "../../speaker/intent/reason.ts";
import { bgpSilence } from "./bgp-speakers.ts";

/** What keeps every node from announcing a Service. A closed list, each with its evidence. */
export type Obstacle =
  | { readonly code: "AddressUnreadable" }
  | { readonly code: "AddressInNoPool" }
  | { readonly code: "NoEndpoints" }
  | { readonly code: "NoAdvertisement"; readonly pool: string }
  | {
      readonly code: "OnlyBGPAdvertisements";
      readonly pool: string;
      readonly advertisements: readonly string[];
      /** Why no node announces by them. */
      readonly reason: BgpReason;
    }
  | { readonly code: "ServiceNotSelected"; readonly pool: string; readonly advertisements: readonly string[] }
  | { readonly code: "SharedAddress" }
  | { readonly code: "NoNodeSelected"; readonly advertisements: readonly string[] }
  | {
      readonly code: "NoEligibleNode";
      readonly advertisements: readonly string[];
      /** Every node, by what keeps it out; those that lack least come first. Empty: there is no node. */
      readonly excluded: readonly ExcludedNodes[];
    };

/** Nodes with the same thing in their way, by name, those with an endpoint of the Service first. */
export type ExcludedNodes = { readonly reason: NodeReason; readonly nodes: readonly string[] };

/** What is in the way of a Service. */
export type Obstacles = {
  /** As the status shows them. */
  readonly ips: readonly string[];
  /** Undefined: no single pool holds the addresses. */
  readonly pool: string | undefined;
  /** Empty: nothing, some node announces. */
  readonly obstacles: readonly Obstacle[];
  /** Other nodes could make a difference. */
  readonly nodesMatter: boolean;
};

/** How much a node lacks. */
const lack: { readonly [reason in NodeReason]: number } = {
  notMember: 1,
  subnetNotReached: 2,
  interfaceMissing: 3,
  objectSetAside: 4,
  noLocalEndpoints: 5,
  nodeLabeledExcludeBalancers: 6,
  nodeNetworkUnavailable: 7,
  noMatchingAdvertisement: 8,
};

/**
 * All that is in the way, not just the first thing.
 * @returns the reason alone for a Service that nobody is to announce.
 */
export function obstaclesOf(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
): Obstacles | Reason {
  const found = announceable(service, endpoints, context);
  if (found !== "noEndpoints") return beyondEndpoints(service, endpoints, context);
  // What else there is to mend is said at once: as if there were endpoints, wherever they may come to run.
  const rest = beyondEndpoints({ ...service, externalTrafficPolicy: "Cluster" }, [{ canServe: true }], context);
  return typeof rest === "string" ? rest : { ...rest, obstacles: [{ code: "NoEndpoints" }, ...rest.obstacles] };
}

function beyondEndpoints(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext): Obstacles | Reason {
  const placement = placementOf(service, context);
  const ips = service.ingress.filter((text) => text !== "");
  if (placement === "invalidIP") return { ips, pool: undefined, obstacles: [{ code: "AddressUnreadable" }], nodesMatter: false };
  if (placement === "ipNotAllowed") return { ips, pool: undefined, obstacles: [{ code: "AddressInNoPool" }], nodesMatter: false };
  if (typeof placement === "string") return placement;
  const { pool, addresses } = placement;
  const subject = announceable(service, endpoints, context);
  const base = { ips: addresses.map(formatAddress), pool: pool.name };
  if (typeof subject === "string") {
    const reason = bgpSilence(service, endpoints, context);
    return { ...base, obstacles: [advertisementObstacle(subject, pool, reason)], nodesMatter: pool.bgp.length > 0 };
  }
  const advertisements = subject.advertisements.map(({ name }) => name);
  if (subject.advertisements.every(({ nodes }) => nodes.size === 0)) {
    return { ...base, obstacles: [{ code: "NoNodeSelected", advertisements }], nodesMatter: true };
  }
  if (someOwner(subject, context) !== undefined) return { ...base, obstacles: [], nodesMatter: true };
  const groups = grouped(evidenceFor(service, endpoints, context).excluded, servingNodes(endpoints));
  return { ...base, obstacles: [{ code: "NoEligibleNode", advertisements, excluded: groups }], nodesMatter: true };
}

function advertisementObstacle(reason: Reason, pool: Pool, bgpReason: BgpReason): Obstacle {
  const { name, l2, bgp } = pool;
  if (reason === "sharedIPWithServiceSelector") return { code: "SharedAddress" };
  if (l2.length > 0) return { code: "ServiceNotSelected", pool: name, advertisements: l2.map((each) => each.name) };
  if (bgp.length === 0) return { code: "NoAdvertisement", pool: name };
  return { code: "OnlyBGPAdvertisements", pool: name, advertisements: bgp.map((each) => each.name), reason: bgpReason };
}

function grouped(
  excluded: readonly { readonly node: string; readonly reason: NodeReason }[],
  serving: ReadonlySet<string>,
): readonly ExcludedNodes[] {
  const groups = new Map<NodeReason, string[]>();
  for (const { node, reason } of excluded) {
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [node]);
    else group.push(node);
  }
  return [...groups]
    .sort(([a], [b]) => lack[a] - lack[b])
    .map(([reason, nodes]) => ({ reason, nodes: nodes.sort((a, b) => Number(serving.has(b)) - Number(serving.has(a))) }));
}
