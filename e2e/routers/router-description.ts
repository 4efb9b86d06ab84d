export type AddressFamily = "ipv4" | "ipv6";

/** What a router is told to be, whichever program plays it. */
export type RouterDescription = {
  readonly autonomousSystem: number;
  /** Dotted, as an IPv4 address. */
  readonly routerId: string;
  readonly neighbors: readonly NeighborDescription[];
  /** Announced to every neighbour of the family; nothing that was learnt is passed on. */
  readonly originated?: readonly OriginatedRoute[];
  /** False: what is learnt stays out of the kernel. */
  readonly installs?: boolean;
};

/** A neighbour is known to its router by `name`: a letter, then letters and digits. */
export type NeighborDescription = {
  readonly name: string;
  /** Its address, or, unnumbered, the interface behind which it is. */
  readonly at: { readonly address: string } | { readonly interface: string };
  /** The router's own end; without it the program chooses. */
  readonly localAddress?: string;
  readonly autonomousSystem: number | "internal" | "external";
  readonly families: readonly AddressFamily[];
  /** TCP MD5 (RFC 2385). */
  readonly password?: string;
  /** Waits for the neighbour to connect. */
  readonly passive?: boolean;
  /** Most hops of an external neighbour that is not on the same segment. */
  readonly multihop?: number;
  /** Packets that came through another router are dropped (RFC 5082). */
  readonly ttlSecurity?: boolean;
  /** Absent: the capability is not announced, or not acted upon. */
  readonly gracefulRestart?: GracefulRestart;
  readonly bfd?: BfdDescription;
  readonly timers?: Timers;
  /** A neighbour with a shorter hold time than so many seconds is refused. FRR has one for all neighbours. */
  readonly minimumHoldSeconds?: number;
};

export type GracefulRestart = {
  /** A helper keeps the neighbour's routes; a restarter also asks for its own to be kept. */
  readonly role: "helper" | "restarter";
  readonly restartSeconds: number;
};

export type Timers = { readonly holdSeconds: number; readonly keepaliveSeconds: number };

export type BfdDescription = {
  readonly transmitMs: number;
  readonly receiveMs: number;
  readonly multiplier: number;
  /** Interval of echo packets, which are sent only when this is set. */
  readonly echoMs?: number;
  /** Multihop sessions only. */
  readonly minimumTtl?: number;
};

/** Attributes that are absent are the program's defaults. */
export type OriginatedRoute = {
  readonly prefix: string;
  readonly med?: number;
  /** Told to internal neighbours only. */
  readonly localPref?: number;
  /** `65001:1` */
  readonly communities?: readonly string[];
  /** `65001:1:2` */
  readonly largeCommunities?: readonly string[];
  /** How often the router's own number is put before the path once more. */
  readonly prepend?: number;
};

/** Neighbours try again after so many seconds; the programs' defaults are made for the Internet. */
export const reconnectSeconds = 1;

export function familyOf(prefix: string): AddressFamily {
  return prefix.includes(":") ? "ipv6" : "ipv4";
}

/** What a router that is described cannot do with this program. @throws {Error} always, with the way out. */
export function cannot(program: string, what: string, neighbor: NeighborDescription): never {
  throw new Error(
    `${program} has no ${what}: leave it out of neighbour "${neighbor.name}", or let another program play the router`,
  );
}
