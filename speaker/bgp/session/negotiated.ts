import type { Family } from "../../../crds/net/address.ts";

/** What the OPENs of both sides came to. */
export type Negotiated = {
  /** BGP Identifiers, four octets as a number. */
  readonly ownIdentifier: number;
  readonly peerIdentifier: number;
  /** Said in the OPEN. */
  readonly ownAS: number;
  readonly peerAS: number;
  /** Both ASs are the same one. */
  readonly internal: boolean;
  /** AS numbers have four octets in UPDATEs, in both directions. RFC 6793. */
  readonly fourOctetAS: boolean;
  /** Those that both sides speak; never empty; IPv4 first. */
  readonly families: readonly Family[];
  /** IPv4 routes may have IPv6 next hops. RFC 8950. */
  readonly extendedNextHop: boolean;
  /** 0: no keepalives, no expiry. */
  readonly holdTimeSeconds: number;
  /** Base of the keepalive timer, before jitter; 0 with a hold time of 0. */
  readonly keepaliveMs: number;
  /** Absent: the peer did not send the capability, and no End-of-RIB is sent. RFC 4724. */
  readonly peerGracefulRestart?: PeerGracefulRestart;
};

export type PeerGracefulRestart = {
  /** The peer restarted and waits for our End-of-RIB. */
  readonly restarting: boolean;
  readonly notification: boolean;
  readonly restartTimeSeconds: number;
  /** Families of ours whose routes the peer keeps its own through a restart. */
  readonly families: readonly Family[];
};
