import { formatAddress } from "../../crds/net/address.ts";
import { announceable, placementOf } from "../../speaker/intent/announceable.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { type Owner, ownerOf, someOwner } from "../../speaker/intent/owner.ts";
import type { Reason } from "../../speaker/intent/reason.ts";
import { bgpNodes, someBgpNode } from "./bgp-announcers.ts";
import { type Obstacle, obstaclesOf } from "./obstacle.ts";
import { describeObstacles } from "./obstacle-text.ts";

/** No node announces a Service that has addresses. */
export type Silence = {
  readonly outcome: "silent";
  /** Undefined: no single pool holds the addresses. */
  readonly pool: string | undefined;
  /** What is first in the way. */
  readonly code: Obstacle["code"];
  readonly obstacles: readonly Obstacle[];
  /** Everything that is in the way, in words. */
  readonly message: string;
  /** Other nodes could make a difference. */
  readonly nodesMatter: boolean;
};

/** Nobody is to announce the Service, or nobody can tell yet. */
export type NotAsked = { readonly outcome: "not-asked"; readonly reason: Reason };

/** Who announces the addresses of one Service, seen from outside of all nodes. */
export type Announcement =
  | {
      readonly outcome: "announced";
      readonly pool: string;
      readonly announced: readonly {
        readonly ip: string;
        /** Who answers on layer 2. `foreign`: a speaker of MetalLB's. */
        readonly layer2?: Exclude<Owner, { readonly by: "nobody" }>;
        /** Who announces it by BGP, sorted. */
        readonly bgp: readonly string[];
      }[];
    }
  | Silence
  | NotAsked;

/** The part of {@link Announcement} that costs no election. */
export type Standing =
  | {
      readonly outcome: "announced";
      readonly pool: string;
      /** As long as this node may, the Service is announced; the elected one may be another. */
      readonly witness: string;
    }
  | Silence
  | NotAsked;

const nobody: Owner = { by: "nobody" };

/** What every node says of one Service, put together. Total. */
export function explainAnnouncement(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
): Announcement {
  const subject = announceable(service, endpoints, context);
  const owner = typeof subject === "string" ? nobody : ownerOf(subject, context);
  const bgp = bgpNodes(service, endpoints, context);
  const isSilent = owner.by === "nobody" && bgp.length === 0;
  const placement = placementOf(service, context);
  if (context.members.conduct === "joining" || typeof placement === "string" || isSilent) {
    return silenceOf(service, endpoints, context);
  }
  const layer2 = owner.by === "nobody" ? {} : { layer2: owner };
  const announced = placement.addresses.map((address) => ({ ip: formatAddress(address), ...layer2, bgp }));
  return { outcome: "announced", pool: placement.pool.name, announced };
}

/**
 * Whether some node announces the Service. Cheap as long as one does.
 * @param witness of the last time: asked first.
 */
export function standingOf(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
  witness?: string,
): Standing {
  const subject = announceable(service, endpoints, context);
  const owner = typeof subject === "string" ? undefined : someOwner(subject, context, witness);
  const byBgp = (): string | undefined => someBgpNode(service, endpoints, context, witness);
  // Whoever announced it goes on being its witness, whichever way: only what changes the witness is looked at again.
  const stays = witness !== undefined && owner !== witness && byBgp() === witness;
  const node = stays ? witness : (owner ?? byBgp());
  if (context.members.conduct === "joining" || node === undefined) return silenceOf(service, endpoints, context);
  const placement = placementOf(service, context);
  return typeof placement === "string"
    ? { outcome: "not-asked", reason: placement }
    : { outcome: "announced", pool: placement.pool.name, witness: node };
}

/** For a Service that no node announces. */
function silenceOf(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext): Silence | NotAsked {
  if (context.members.conduct === "joining") return { outcome: "not-asked", reason: "membershipUnknown" };
  const found = obstaclesOf(service, endpoints, context);
  if (typeof found === "string") return { outcome: "not-asked", reason: found };
  const { pool, obstacles, nodesMatter } = found;
  const [first] = obstacles;
  if (first === undefined) return { outcome: "not-asked", reason: "notOwner" };
  return { outcome: "silent", pool, code: first.code, obstacles, message: describeObstacles(found), nodesMatter };
}
