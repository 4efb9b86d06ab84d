import type { Address } from "../../../crds/net/address.ts";
import type { Prefix } from "../../../crds/net/prefix.ts";

/** The path attributes of one UPDATE, each at most once. RFC 4271 §5. Absent: not in the message. */
export type PathAttributes = {
  readonly origin?: "igp" | "egp" | "incomplete";
  readonly asPath?: readonly AsPathSegment[];
  /** IPv4 only; the other families' are in {@link MpReach}. */
  readonly nextHop?: Address;
  /** MULTI_EXIT_DISC. */
  readonly med?: number;
  readonly localPref?: number;
  /** RFC 1997, 32 bits each. */
  readonly communities?: readonly number[];
  /** RFC 8092. */
  readonly largeCommunities?: readonly LargeCommunity[];
  /** RFC 4360: eight octets each. */
  readonly extendedCommunities?: readonly Uint8Array[];
  readonly mpReach?: MpReach;
  readonly mpUnreach?: MpUnreach;
  /** ATOMIC_AGGREGATE, which says nothing but that it is there. */
  readonly atomicAggregate?: true;
  readonly aggregator?: Aggregator;
  /** What this codec carries without reading it, in the order of the message. */
  readonly other?: readonly RawAttribute[];
};

/** In two octets of AS_PATH and with AS4_PATH, or in four octets: the codec makes one list of it. Confederations: RFC 5065 §3. */
export type AsPathSegment = {
  readonly type: "set" | "sequence" | "confederation-set" | "confederation-sequence";
  /** One at least; a set has 255 at most. */
  readonly autonomousSystems: readonly number[];
};

/** RFC 4271 §5.1.7; `address` is IPv4. */
export type Aggregator = { readonly autonomousSystem: number; readonly address: Address };

/** `flags` without the bit for the extended length: that follows from the value. */
export type RawAttribute = { readonly flags: number; readonly code: number; readonly value: Uint8Array };

export type LargeCommunity = {
  readonly globalAdministrator: number;
  readonly localData1: number;
  readonly localData2: number;
};

/** RFC 4760 §3. */
export type MpReach = {
  readonly afi: number;
  readonly safi: number;
  /** One address, or an IPv6 global and a link-local one (RFC 2545 §3). An IPv6 one for IPv4 routes: RFC 8950. */
  readonly nextHops: readonly Address[];
  readonly nlri: readonly Prefix[];
};

/** RFC 4760 §4. Without routes it is the End-of-RIB of that family. */
export type MpUnreach = { readonly afi: number; readonly safi: number; readonly withdrawn: readonly Prefix[] };
