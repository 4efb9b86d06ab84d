import { compareCommunities } from "../../crds/community.ts";
import { contradictFor } from "../../crds/config/bgp/local-preference.ts";
import type { BgpAdvertisement, Pool } from "../../crds/config/snapshot.ts";
import type { Address } from "../../crds/net/address.ts";
import { prefixOf } from "../../crds/net/prefix.ts";
import { matchesAny } from "../../crds/selector.ts";
import { attributeSetOf } from "../bgp/rib/attribute-set.ts";
import { gracefulShutdown } from "../bgp/rib/outgoing-attributes.ts";
import type { BgpAnnouncement, RouteAttributes } from "../bgp/route.ts";
import { type Placement, placementOf } from "./announceable.ts";
import type { BgpReason } from "./bgp-reason.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { nodeExclusion } from "./eligibility.ts";
import { anyServes, servingOn } from "./endpoints.ts";

/** Whether this node announces one Service by BGP, whatever it does on layer 2. */
export type BgpVerdict =
  | {
      readonly type: "announce";
      readonly pool: string;
      /** Of the Service's status, in its order. */
      readonly addresses: readonly Address[];
      /** Never empty; in the order of the addresses, then of the advertisements' names. */
      readonly announcements: readonly BgpAnnouncement[];
    }
  | { readonly type: "silent"; readonly reason: BgpReason };

const nothing: readonly BgpAnnouncement[] = [];

/** What one endpoint counts for, in octets a second: 1 Gbit/s. Routers go by the ratio between nodes. */
const bandwidthOfEndpoint = 125_000_000;

/**
 * Decides for one Service, from nothing but its arguments. Never throws. Every node decides for itself: there is no election.
 * @param service undefined: it was deleted.
 * @param endpoints of all its EndpointSlices.
 * @param announced what this node announces of the Service now: kept where an advertisement is not ready to say anything new.
 * @param placement the Service's, where it is known already.
 */
export function decideBgp(
  service: ServiceView | undefined,
  endpoints: readonly EndpointView[],
  context: Context,
  announced: readonly BgpAnnouncement[] = nothing,
  placement = service && placementOf(service, context),
): BgpVerdict {
  if (service === undefined || placement === undefined) return silent("serviceDeleted");
  if (typeof placement === "string") return silent(placement);
  const advertisements = advertisementsFor(service, placement.pool, context.self);
  if (typeof advertisements === "string") return silent(advertisements);
  const reason = silenceOf(service, endpoints, context);
  if (reason !== undefined) return silent(reason);
  const announcements = announcementsOf(placement, advertisements, bandwidthOf(service, endpoints, context), announced);
  if (announcements.length === 0) return silent("advertisementNotReady");
  const { pool, addresses } = placement;
  const leaving = context.drain === "leaving";
  return { type: "announce", pool: pool.name, addresses, announcements: leaving ? announcements.map(lastCall) : announcements };
}

function silent(reason: BgpReason): BgpVerdict {
  return { type: "silent", reason };
}

/** Advertisements for this node and Service; not empty. */
function advertisementsFor(
  service: ServiceView,
  { bgp, addresses }: Pool,
  self: string,
): readonly BgpAdvertisement[] | BgpReason {
  const here = bgp.filter(({ nodes }) => nodes.has(self));
  if (here.length === 0) return "notOwner";
  const matching = here.filter(
    ({ serviceSelectors }) => serviceSelectors.length === 0 || matchesAny(serviceSelectors, service.labels),
  );
  if (matching.length === 0) return "noMatchingAdvertisement";
  const holds = (family: Address["family"]): boolean => addresses[family].length > 0;
  const contradictory = matching.some((a, i) => matching.slice(i + 1).some((b) => contradictFor(a, b, holds)));
  return contradictory ? "conflictingAdvertisements" : matching;
}

/** Endpoints always have an address: the API server takes none without. */
function silenceOf(service: ServiceView, endpoints: readonly EndpointView[], context: Context): BgpReason | undefined {
  const { self, nodes, options, foreignHere = false, drain } = context;
  const unavailable = nodeExclusion(nodes.get(self), options.ignoreExcludeLB);
  if (unavailable !== undefined) return unavailable;
  if (service.externalTrafficPolicy === "Local" && servingOn(self, endpoints) === 0) return "noLocalEndpoints";
  if (!anyServes(endpoints)) return "noEndpoints";
  if (drain === "gone") return "nodeDrained";
  return foreignHere ? "foreignSpeaker" : undefined;
}

/** With policy Cluster all nodes spread traffic over all endpoints: none is to get more than another. */
function bandwidthOf({ externalTrafficPolicy }: ServiceView, endpoints: readonly EndpointView[], { self }: Context): number {
  return externalTrafficPolicy === "Local" ? servingOn(self, endpoints) * bandwidthOfEndpoint : 0;
}

function announcementsOf(
  { addresses }: Placement,
  advertisements: readonly BgpAdvertisement[],
  bandwidth: number,
  announced: readonly BgpAnnouncement[],
): readonly BgpAnnouncement[] {
  return addresses.flatMap(({ family, bits }) =>
    advertisements.flatMap((advertisement): readonly BgpAnnouncement[] => {
      const { name, peers, aggregationLength, notReady } = advertisement;
      const prefix = prefixOf(family, bits, aggregationLength[family]);
      const attributes = attributesOf(advertisement, bandwidth);
      if (notReady === undefined) return [{ advertisement: name, prefix, peers, attributes }];
      const kept = announced.find((one) => one.advertisement === name && equalPrefixes(one.prefix, prefix));
      return kept === undefined ? [] : [{ ...kept, attributes: asBeforeLastCall(kept.attributes, attributes) }];
    }),
  );
}

/** One value for all Services of an advertisement: a message of many routes holds it once, and it is compared by being the same. */
const plainAttributes = new WeakMap<BgpAdvertisement, RouteAttributes>();

function attributesOf(advertisement: BgpAdvertisement, bandwidth: number): RouteAttributes {
  const { localPref, asPathPrepend, communities, linkBandwidth } = advertisement;
  if (linkBandwidth === true && bandwidth > 0) return { localPref, asPathPrepend, communities, linkBandwidth: bandwidth };
  const known = plainAttributes.get(advertisement) ?? { localPref, asPathPrepend, communities };
  plainAttributes.set(advertisement, known);
  return known;
}

/** With the mark of a path that is about to go, and without the local preference that would speak against it. */
function lastCall(announcement: BgpAnnouncement): BgpAnnouncement {
  const { attributes } = announcement;
  const others = attributes.communities.filter((community) => !isLastCall(community));
  const communities = [...others, gracefulShutdown].sort(compareCommunities);
  return { ...announcement, attributes: { ...attributes, localPref: 0, communities } };
}

/** What was announced, less what {@link lastCall} made of it. @param known what is known of the advertisement now. */
function asBeforeLastCall(attributes: RouteAttributes, known: RouteAttributes): RouteAttributes {
  if (!attributes.communities.some(isLastCall) || known.communities.some(isLastCall)) return attributes;
  const communities = attributes.communities.filter((community) => !isLastCall(community));
  return { ...attributes, localPref: known.localPref, communities };
}

function isLastCall(community: RouteAttributes["communities"][number]): boolean {
  return community.type === "standard" && community.value === gracefulShutdown.value;
}

/** True when both say the same, in the same order: nothing has to cross to the wire. */
export function equalBgpAnnouncements(a: readonly BgpAnnouncement[], b: readonly BgpAnnouncement[]): boolean {
  return a === b || (a.length === b.length && a.every((one, i) => equalAnnouncement(one, b[i])));
}

function equalAnnouncement(a: BgpAnnouncement, b: BgpAnnouncement | undefined): boolean {
  return (
    b !== undefined &&
    a.advertisement === b.advertisement &&
    equalPrefixes(a.prefix, b.prefix) &&
    a.peers.join() === b.peers.join() &&
    (a.attributes === b.attributes || attributeSetOf(a.attributes).key === attributeSetOf(b.attributes).key)
  );
}

function equalPrefixes(a: BgpAnnouncement["prefix"], b: BgpAnnouncement["prefix"]): boolean {
  return a.family === b.family && a.length === b.length && a.bits === b.bits;
}
