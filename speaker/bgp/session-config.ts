import type { PeerEndpoint, PeerPassword } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";

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
