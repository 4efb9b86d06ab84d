import type { Community } from "../../crds/community.ts";
import type { Prefix } from "../../crds/net/prefix.ts";

/** What one Service wants announced by BGP: one prefix by one advertisement. Plain data: crosses threads by structured clone. */
export type BgpAnnouncement = {
  /** Name of the BGPAdvertisement that it comes of. */
  readonly advertisement: string;
  readonly prefix: Prefix;
  /** Names of BGPPeers, sorted; empty: all peers of this node. */
  readonly peers: readonly string[];
  readonly attributes: RouteAttributes;
};

/** What of a route is ours to say, before the session adds its own (AS path, next hop). */
export type RouteAttributes = {
  /** 0: not set. Sent to internal peers only. */
  readonly localPref: number;
  /** How often the own AS number is put before the AS path once more. */
  readonly asPathPrepend: number;
  /** Distinct, in the order of `compareCommunities`. */
  readonly communities: readonly Community[];
  /** Link bandwidth in octets a second; absent: not said. draft-ietf-idr-link-bandwidth. */
  readonly linkBandwidth?: number;
};

/** One route for one peer: all that is announced of the prefix, merged. */
export type Route = { readonly prefix: Prefix; readonly attributes: RouteAttributes };
