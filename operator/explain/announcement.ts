import { formatAddress } from "../../crds/net/address.ts";
import { announceable, placementOf } from "../../speaker/intent/announceable.ts";
import type { EndpointView, ServiceView } from "../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { type Owner, ownerOf, someOwner } from "../../speaker/intent/owner.ts";
import type { Reason } from "../../speaker/intent/reason.ts";
import { bgpSpeakers, someBgpSpeaker } from "./bgp-speakers.ts";
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
      /** `foreign`: a speaker of MetalLB's. */
      readonly by: "herald" | "foreign";
      readonly announced: readonly { readonly ip: string; readonly nodes: readonly string[] }[];
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
  if (context.members.conduct === "joining" || typeof subject === "string" || owner.by === "nobody") {
    return explainBgp(service, endpoints, context) ?? silenceOf(service, endpoints, context);
  }
  const announced = subject.addresses.map((address) => ({ ip: formatAddress(address), nodes: [owner.node] }));
  return { outcome: "announced", pool: subject.pool.name, by: owner.by, announced };
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
  const node = typeof subject === "string" ? undefined : someOwner(subject, context, witness);
  if (context.members.conduct === "joining" || typeof subject === "string" || node === undefined) {
    return standingByBgp(service, endpoints, context, witness) ?? silenceOf(service, endpoints, context);
  }
  return { outcome: "announced", pool: subject.pool.name, witness: node };
}

/** Undefined: nobody announces it by BGP either. */
function explainBgp(service: ServiceView, endpoints: readonly EndpointView[], context: ClusterContext): Announcement | undefined {
  const placement = placementOf(service, context);
  if (typeof placement === "string" || placement.pool.bgp.length === 0) return undefined;
  const nodes = bgpSpeakers(service, endpoints, context);
  if (nodes.length === 0) return undefined;
  const announced = placement.addresses.map((address) => ({ ip: formatAddress(address), nodes }));
  const by = nodes.every((node) => context.foreignSpeakers.has(node)) ? "foreign" : "herald";
  return { outcome: "announced", pool: placement.pool.name, by, announced };
}

function standingByBgp(
  service: ServiceView,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
  former: string | undefined,
): Standing | undefined {
  const placement = placementOf(service, context);
  if (typeof placement === "string" || placement.pool.bgp.length === 0) return undefined;
  const witness = someBgpSpeaker(service, endpoints, context, former);
  return witness === undefined ? undefined : { outcome: "announced", pool: placement.pool.name, witness };
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
