import type { Community as CommunityValue } from "../community.ts";
import type { Address, Family } from "../net/address.ts";
import type { AddressSet } from "../net/address-set.ts";
import type { Range } from "../net/range.ts";
import type { Selector } from "../selector.ts";
import type { ConflictPolicy } from "./pools/conflict-policy.ts";

export type { CommunityValue };

/** What the valid objects mean together. Immutable; every list and map is sorted by name. */
export type Snapshot = {
  readonly pools: readonly Pool[];
  readonly poolByName: ReadonlyMap<string, Pool>;
  readonly owners: AddressOwners;
  readonly peers: readonly Peer[];
  readonly peerByName: ReadonlyMap<string, Peer>;
  readonly bfdProfiles: ReadonlyMap<string, BfdProfile>;
};

/** No meaning at all: what the absence of every object means. */
export const emptySnapshot: Snapshot = {
  pools: [],
  poolByName: new Map(),
  owners: { IPv4: [], IPv6: [] },
  peers: [],
  peerByName: new Map(),
  bfdProfiles: new Map(),
};

/** Which pool holds which addresses: each family's ranges, lowest first. */
export type AddressOwners = { readonly [family in Family]: readonly OwnedRange[] };

export type OwnedRange = { readonly first: bigint; readonly last: bigint; readonly pool: Pool };

/** A valid IPAddressPool with the advertisements attached to it. */
export type Pool = {
  readonly name: string;
  /** `metadata.generation` of the object this meaning was read from. */
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Spec order; each entry's ranges are one CIDR's or one `start-end` range's. */
  readonly entries: readonly PoolEntry[];
  /** Union of the entries. */
  readonly addresses: AddressSet;
  readonly autoAssign: boolean;
  /** IPv4 addresses ending in .0 or .255 are not handed out. */
  readonly avoidBuggyIPs: boolean;
  /** Absent: general use. */
  readonly scope?: AllocationScope;
  /** `herald-lb.io/drain`: no new addresses, existing ones stay. */
  readonly draining: boolean;
  /** `herald-lb.io/reserve-for`, in milliseconds; absent: a released address is kept for nobody. */
  readonly reserveForMs?: number;
  /** `herald-lb.io/conflict-policy`; absent: report. */
  readonly conflictPolicy?: ConflictPolicy;
  readonly l2: readonly L2Advertisement[];
  readonly bgp: readonly BgpAdvertisement[];
};

export type PoolEntry = { readonly text: string; readonly range: Range };

/** spec.serviceAllocation, namespaces resolved. */
export type AllocationScope = {
  /** Lower wins; `Number.POSITIVE_INFINITY` when absent or not above zero. */
  readonly priority: number;
  /** Undefined: every namespace. An empty set matches nothing. */
  readonly namespaces?: ReadonlySet<string>;
  /** Empty: every Service. */
  readonly serviceSelectors: readonly Selector[];
};

/** A valid L2Advertisement, node selectors resolved to names. */
export type L2Advertisement = {
  readonly name: string;
  readonly nodes: ReadonlySet<string>;
  /** Empty: all interfaces. Sorted. */
  readonly interfaces: readonly string[];
  /** Empty: all Services. */
  readonly serviceSelectors: readonly Selector[];
  /** Node name to summed weight; nodes without a score are absent. */
  readonly scores: ReadonlyMap<string, number>;
};

/** A valid BGPAdvertisement, node selectors resolved to names and community aliases to values. */
export type BgpAdvertisement = {
  readonly name: string;
  readonly nodes: ReadonlySet<string>;
  /** Names of BGPPeers, which need not exist. Empty: all peers. Sorted. */
  readonly peers: readonly string[];
  /** Empty: all Services. */
  readonly serviceSelectors: readonly Selector[];
  /** Length of the prefix that an address of each family is announced as. */
  readonly aggregationLength: { readonly [family in Family]: number };
  /** 0: not set. Sent to internal peers only. */
  readonly localPref: number;
  /** How often the own AS number is put before the AS path once more; 0 to 10. */
  readonly asPathPrepend: number;
  /** Distinct, in the order of {@link compareCommunities}. */
  readonly communities: readonly CommunityValue[];
  /** `herald-lb.io/link-bandwidth`: say how much of a Service's traffic this node is to get. */
  readonly linkBandwidth?: true;
  /**
   * Why it announces nothing new for the time being: a community is not known, and without it a route could go where it
   * must not. What was announced by it before may stay as it was.
   */
  readonly notReady?: string;
};

/** A valid BGPPeer, node selectors resolved to names. */
export type Peer = {
  readonly name: string;
  /** `metadata.generation` of the object this meaning was read from. */
  readonly generation: number;
  readonly nodes: ReadonlySet<string>;
  readonly myASN: number;
  /** What the other side's AS must be: a number, the same as `myASN`, or any other. */
  readonly remoteAS: number | "internal" | "external";
  /** Shown to the peer in place of `myASN`. */
  readonly localASN?: number;
  readonly endpoint: PeerEndpoint;
  readonly port: number;
  readonly sourceAddress?: Address;
  /** BGP Identifier, RFC 6286: the four octets as a number, never 0. Absent: the speaker chooses. */
  readonly routerID?: number;
  /** Absent: the speaker's defaults. */
  readonly timers?: PeerTimers;
  /** Between two attempts to connect. Absent: the speaker's default. */
  readonly connectTimeSeconds?: number;
  readonly password?: PeerPassword;
  /** A key of {@link Snapshot.bfdProfiles}; while it is none there, the session has no BFD. */
  readonly bfdProfile?: string;
  readonly gracefulRestart: boolean;
  readonly ebgpMultiHop: boolean;
  /** Name of the VRF device. Absent: the default VRF. */
  readonly vrf?: string;
  /** Both address families on one session. */
  readonly dualStack: boolean;
  /** `herald-lb.io/passive`: the peer connects to us. */
  readonly passive?: true;
  /** `herald-lb.io/ttl-security`: how many hops away the peer may be, 1 to 254; packets from further are dropped. RFC 5082. */
  readonly ttlSecurityHops?: number;
  /** Why no session may be opened for the time being; one that is up may stay. */
  readonly notReady?: string;
};

/** Whom to connect to: an address, or the one neighbour on an interface. */
export type PeerEndpoint =
  | { readonly type: "address"; readonly address: Address }
  | { readonly type: "interface"; readonly name: string };

/** RFC 4271 §4.2: a hold time of 0 means no keepalives and no expiry. */
export type PeerTimers = {
  /** 0, or 3 to 65535. */
  readonly holdTimeSeconds: number;
  /** At most the hold time; it may have a fraction of a second. */
  readonly keepaliveTimeMs: number;
};

/** A Secret's value is not in a snapshot: whoever opens the session reads it, and puts its octets here, which need be no text. */
export type PeerPassword =
  | { readonly type: "octets"; readonly octets: readonly number[] }
  | { readonly type: "secret"; readonly name: string; readonly key: string };

/** A valid BFDProfile. What is absent is the speaker's default. */
export type BfdProfile = {
  readonly name: string;
  readonly receiveIntervalMs?: number;
  readonly transmitIntervalMs?: number;
  readonly echoIntervalMs?: number;
  readonly detectMultiplier?: number;
  readonly minimumTtl?: number;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
};
