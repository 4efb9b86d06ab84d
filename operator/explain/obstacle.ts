import type { Pool } from "../../crds/config/snapshot.ts";
import { formatAddress } from "../../crds/net/address.ts";
import { announceable, placementOf } from "../../speaker/intent/announceable.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { servingNodes } from "../../speaker/intent/endpoints.ts";
import { evidenceFor } from "../../speaker/intent/evidence.ts";
import { someOwner } from "../../speaker/intent/owner.ts";
import type { NodeReason, Reason } from "../../speaker/intent/reason.ts";
import { type BgpNodeReason, bgpExclusion, someBgpNode } from "./bgp-announcers.ts";

/** What keeps every node from announcing a Service. A closed list, each with its evidence. */
export type Obstacle =
  | { readonly code: "AddressUnreadable" }
  | { readonly code: "AddressInNoPool" }
  | { readonly code: "NoEndpoints" }
  | { readonly code: "NoAdvertisement"; readonly pool: string }
  | { readonly code: "ServiceNotSelected"; readonly pool: string; readonly advertisements: readonly string[] }
  | { readonly code: "SharedAddress" }
  | { readonly code: "NoNodeSelected"; readonly advertisements: readonly string[] }
  | {
      readonly code: "NoEligibleNode";
      readonly advertisements: readonly string[];
      /** Every node, by what keeps it out; those that lack least come first. Empty: there is no node. */
      readonly excluded: readonly ExcludedNodes[];
    }
  | {
      /** No node announces it by BGP. */
      readonly code: "NoBGPNode";
      readonly advertisements: readonly string[];
      readonly excluded: readonly ExcludedNodes<BgpNodeReason>[];
    };

/** Nodes with the same thing in their way, by name, those with an endpoint of the Service first. */
export type ExcludedNodes<R extends string = NodeReason> = { readonly reason: R; readonly nodes: readonly string[] };

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

/** The same for BGP; a reason that is not here is about the Service and the same on all nodes. */
const bgpLack: Readonly<Partial<Record<BgpNodeReason, number>>> = {
  notMember: 1,
  noPeer: 2,
  advertisementNotReady: 3,
  nodeDrained: 4,
  conflictingAdvertisements: 5,
  noLocalEndpoints: 6,
  nodeLabeledExcludeBalancers: 7,
  nodeNetworkUnavailable: 8,
  noMatchingAdvertisement: 9,
  notOwner: 10,
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
  const base = { ips: addresses.map(formatAddress), pool: pool.name };
  const layer2 = onLayer2(service, endpoints, context, pool);
  if (pool.bgp.length === 0) return { ...base, ...layer2 };
  if (layer2.obstacles.length === 0 || someBgpNode(service, endpoints, context) !== undefined) {
    return { ...base, obstacles: [], nodesMatter: true };
  }
  const obstacles = [...(pool.l2.length > 0 ? layer2.obstacles : []), bgpObstacle(service, endpoints, context, pool)];
  return { ...base, obstacles, nodesMatter: true };
}

function onLayer2(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
  pool: Pool,
): Pick<Obstacles, "obstacles" | "nodesMatter"> {
  const subject = announceable(service, endpoints, context);
  if (typeof subject === "string") return { obstacles: [advertisementObstacle(subject, pool)], nodesMatter: false };
  const advertisements = subject.advertisements.map(({ name }) => name);
  if (subject.advertisements.every(({ nodes }) => nodes.size === 0)) {
    return { obstacles: [{ code: "NoNodeSelected", advertisements }], nodesMatter: true };
  }
  if (someOwner(subject, context) !== undefined) return { obstacles: [], nodesMatter: true };
  const groups = grouped(evidenceFor(service, endpoints, context).excluded, servingNodes(endpoints), lack);
  return { obstacles: [{ code: "NoEligibleNode", advertisements, excluded: groups }], nodesMatter: true };
}

function bgpObstacle(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext, { bgp }: Pool): Obstacle {
  const excluded = [...context.nodes.keys()].flatMap((node) => {
    const reason = bgpExclusion(node, service, endpoints, context);
    return reason === undefined ? [] : [{ node, reason }];
  });
  const groups = grouped(excluded, servingNodes(endpoints), bgpLack);
  return { code: "NoBGPNode", advertisements: bgp.map(({ name }) => name), excluded: groups };
}

function advertisementObstacle(reason: Reason, pool: Pool): Obstacle {
  const { name, l2 } = pool;
  if (reason === "sharedIPWithServiceSelector") return { code: "SharedAddress" };
  if (l2.length > 0) return { code: "ServiceNotSelected", pool: name, advertisements: l2.map((each) => each.name) };
  return { code: "NoAdvertisement", pool: name };
}

function grouped<R extends string>(
  excluded: readonly { readonly node: string; readonly reason: R }[],
  serving: ReadonlySet<string>,
  order: Readonly<Partial<Record<R, number>>>,
): readonly ExcludedNodes<R>[] {
  const groups = new Map<R, string[]>();
  for (const { node, reason } of excluded) {
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [node]);
    else group.push(node);
  }
  return [...groups]
    .sort(([a], [b]) => (order[a] ?? 0) - (order[b] ?? 0))
    .map(([reason, nodes]) => ({ reason, nodes: nodes.sort((a, b) => Number(serving.has(b)) - Number(serving.has(a))) }));
}
