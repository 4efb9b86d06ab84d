import { ownerOf } from "../../crds/config/pools/address-owners.ts";
import type { L2Advertisement, Pool, Snapshot } from "../../crds/config/snapshot.ts";
import { servesClass } from "../../crds/load-balancer-class.ts";
import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { matchesAny } from "../../crds/selector.ts";
import { annotationOf } from "../../crds/types/well-known.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { ClusterContext } from "./context.ts";
import { anyServes, servingNodes } from "./endpoints.ts";
import type { PlacementReason, Reason } from "./reason.ts";

/** A Service of ours with addresses of one pool. */
export type Placement = {
  readonly pool: Pool;
  /** The addresses of the status, in its order. */
  readonly addresses: readonly Address[];
  /** Canonical text of the first address: the election's key, so all addresses of a Service live on one node. */
  readonly ip: string;
};

/** A Service that some node should announce, with all that the election needs. */
export type Announceable = Placement & {
  /** Advertisements of the pool that select the Service; never empty. */
  readonly advertisements: readonly L2Advertisement[];
  /** externalTrafficPolicy Local: only these nodes may own. Undefined: any node. */
  readonly localNodes: ReadonlySet<string> | undefined;
};

/** Where the Service's addresses come from, or why they are not to be announced whatever is advertised. */
export function placementOf(
  service: ServiceView,
  { snapshot, options }: Pick<ClusterContext, "snapshot" | "options">,
): Placement | PlacementReason {
  if (!service.isLoadBalancer) return "notLoadBalancer";
  if (!servesClass(options.lbClass ?? "", service.loadBalancerClass)) return "loadBalancerClassNotOurs";
  const addresses = addressesOf(service);
  if (typeof addresses === "string") return addresses;
  const [first] = addresses;
  if (first === undefined) return "noIPAllocated";
  const pool = poolFor(addresses, snapshot);
  return pool === undefined ? "ipNotAllowed" : { pool, addresses, ip: formatAddress(first) };
}

/**
 * The subject, or why no node announces the Service. Does not depend on the node that asks.
 * @param placement the Service's, where it is known already.
 */
export function announceable(
  service: ServiceView | undefined,
  endpoints: readonly EndpointView[],
  context: Pick<ClusterContext, "snapshot" | "options">,
  placement = service && placementOf(service, context),
): Announceable | Reason {
  if (service === undefined || placement === undefined) return "serviceDeleted";
  if (typeof placement === "string") return placement;
  if (!anyServes(endpoints)) return "noEndpoints";
  const advertisements = advertisementsFor(service, placement.pool);
  if (typeof advertisements === "string") return advertisements;
  const localNodes = service.externalTrafficPolicy === "Local" ? servingNodes(endpoints) : undefined;
  return { ...placement, advertisements, localNodes };
}

/** The pool that holds every one of the addresses. */
function poolFor(addresses: readonly Address[], { owners }: Snapshot): Pool | undefined {
  const [pool, ...others] = addresses.map((address) => ownerOf(owners, address));
  return others.every((other) => other === pool) ? pool : undefined;
}

function addressesOf(service: ServiceView): readonly Address[] | PlacementReason {
  const addresses: Address[] = [];
  for (const text of service.ingress) {
    const address = parseAddress(text);
    if (address === undefined) return "invalidIP";
    addresses.push(address);
  }
  return addresses;
}

function advertisementsFor(service: ServiceView, pool: Pool): readonly L2Advertisement[] | Reason {
  const matching = pool.l2.filter(
    ({ serviceSelectors }) => serviceSelectors.length === 0 || matchesAny(serviceSelectors, service.labels),
  );
  if (matching.length === 0) return "noMatchingAdvertisement";
  const shares = annotationOf(service.annotations, "allow-shared-ip") !== undefined;
  if (shares && matching.some(({ serviceSelectors }) => serviceSelectors.length > 0)) return "sharedIPWithServiceSelector";
  return matching;
}
