import type { Peer, PeerEndpoint, PeerPassword } from "../../../crds/config/snapshot.ts";
import type { Address, Family } from "../../../crds/net/address.ts";

/** One BGP session as configured on this node. Plain data: crosses threads by structured clone. */
export type SessionConfig = {
  readonly myASN: number;
  /** Said in the OPEN and in the AS path: `localASN` where the peer has one, else `myASN`. */
  readonly ownAS: number;
  /** What the other side's AS must be: a number, the same as `myASN`, or any other. */
  readonly remoteAS: number | "internal" | "external";
  /** 0 or 3 to 65535. */
  readonly holdTimeSeconds: number;
  /** 0 with a hold time of 0. */
  readonly keepaliveMs: number;
  /** From one attempt to connect to the next. Absent: soon at first, then ever more seldom. */
  readonly connectTimeMs?: number;
  /** Never empty; IPv4 first. */
  readonly families: readonly Family[];
  /** Offer IPv6 next hops for IPv4 routes. RFC 8950. */
  readonly extendedNextHop: boolean;
  /** Peers keep our routes while this process restarts. RFC 4724. */
  readonly gracefulRestart: boolean;
  /** BGP Identifier as configured; never 0. Absent: chosen by the connection's addresses. */
  readonly routerID?: number;
  /** The last resort for a BGP Identifier. */
  readonly nodeName: string;
  /** Never connects: waits for the peer. */
  readonly passive: boolean;
  /** Connections that the peer opens are taken. */
  readonly acceptsInbound: boolean;
  readonly transport: TransportParameters;
};

/** How the TCP connection is made. */
export type TransportParameters = {
  /** An interface stands for the link-local address of the one router that it leads to. */
  readonly endpoint: PeerEndpoint;
  readonly port: number;
  /** Must be an address of this node; otherwise connecting fails. */
  readonly source?: Address;
  /** Device that the socket is bound to. */
  readonly vrf?: string;
  /** TCP MD5 (RFC 2385), from the first segment on, in both directions. */
  readonly password?: PeerPassword;
  /** Of the packets sent. */
  readonly ttl: 1 | 255;
  /** Packets with less are dropped. Generalized TTL security, RFC 5082. */
  readonly minimumTtl?: number;
  /** The address must be on a prefix that an interface of this node has; otherwise connecting fails. */
  readonly onConnectedPrefix: boolean;
};

/** What a session needs to know of the node. */
export type NodeFacts = {
  readonly nodeName: string;
  /** Whether this speaker takes connections at all. */
  readonly listening: boolean;
};

/** RFC 4271 §10 suggests these. */
const defaultTimers = { holdTimeSeconds: 90, keepaliveTimeMs: 30_000 } as const;

const highestTtl = 255;

/** The session that a BGPPeer asks for. What the name is, and which nodes it is for, makes no difference to it. */
export function sessionConfigOf(peer: Peer, { nodeName, listening }: NodeFacts): SessionConfig {
  const { holdTimeSeconds, keepaliveTimeMs } = peer.timers ?? defaultTimers;
  const families = familiesOf(peer);
  return {
    myASN: peer.myASN,
    ownAS: peer.localASN ?? peer.myASN,
    remoteAS: peer.remoteAS,
    holdTimeSeconds,
    keepaliveMs: keepaliveTimeMs,
    ...(peer.connectTimeSeconds !== undefined && { connectTimeMs: peer.connectTimeSeconds * 1000 }),
    families,
    extendedNextHop: families.includes("IPv4") && !isIPv4(peer.endpoint),
    gracefulRestart: peer.gracefulRestart,
    ...(peer.routerID !== undefined && { routerID: peer.routerID }),
    nodeName,
    passive: peer.passive ?? false,
    acceptsInbound: listening,
    transport: transportOf(peer),
  };
}

function familiesOf({ endpoint, dualStack }: Peer): readonly Family[] {
  if (dualStack || endpoint.type === "interface") return ["IPv4", "IPv6"];
  return [endpoint.address.family];
}

function isIPv4(endpoint: PeerEndpoint): boolean {
  return endpoint.type === "address" && endpoint.address.family === "IPv4";
}

/** Whether the router is next to us is told by `myASN`, also where another number is shown to it: FRR does so, too. */
function transportOf(peer: Peer): TransportParameters {
  const { endpoint, port, sourceAddress, vrf, password, ttlSecurityHops } = peer;
  const internal = peer.remoteAS === "internal" || peer.remoteAS === peer.myASN;
  const singleHop = !internal && !peer.ebgpMultiHop;
  return {
    endpoint,
    port,
    ...(sourceAddress !== undefined && { source: sourceAddress }),
    ...(vrf !== undefined && { vrf }),
    ...(password !== undefined && { password }),
    ttl: singleHop && ttlSecurityHops === undefined ? 1 : highestTtl,
    // A router that is next to us is one hop away, and its packets arrive as they left. RFC 5082 §3.
    ...(ttlSecurityHops !== undefined && { minimumTtl: highestTtl + 1 - ttlSecurityHops }),
    onConnectedPrefix: singleHop && isIPv4(endpoint),
  };
}
