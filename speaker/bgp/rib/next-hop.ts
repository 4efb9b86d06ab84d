import type { Address, Family } from "../../../crds/net/address.ts";

/** Where a session runs: what our own next hops are chosen from. */
export type SessionAddresses = {
  /** Ours of the TCP connection. */
  readonly local: Address;
  /** First IPv4 address of the interface that the connection goes out of. */
  readonly ipv4: Address | undefined;
  /** First global IPv6 address of that interface. */
  readonly ipv6: Address | undefined;
  /** Its link-local address. */
  readonly linkLocal: Address | undefined;
  /** The peer is on a subnet of that interface: it can use our link-local address. */
  readonly directlyConnected: boolean;
  /** IPv6 next hops for IPv4 routes were negotiated. RFC 8950. */
  readonly extendedNextHop: boolean;
  /** The BGP Identifier as an address. */
  readonly routerID: Address;
};

/**
 * Next hops by the family of the routes: one address, or an IPv6 global and a link-local one (RFC 2545 §3). Absent: routes of
 * that family cannot be sent, as the node has no address to send traffic to.
 */
export type NextHops = { readonly [family in Family]?: readonly Address[] };

/** True when both are the same addresses in the same order, or neither is any. */
export function equalHops(a: readonly Address[] | undefined, b: readonly Address[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((hop, i) => hop.family === b[i]?.family && hop.bits === b[i]?.bits);
}

const linkLocalBits = 0xfe80n >> 6n;

/** True for an address of fe80::/10. RFC 4291 §2.5.6. */
export function isLinkLocal({ family, bits }: Address): boolean {
  return family === "IPv6" && bits >> 118n === linkLocalBits;
}

/** The node itself, never the announced address, also towards internal peers. */
export function nextHopsOf(session: SessionAddresses): NextHops {
  if (session.local.family === "IPv4") return overIpv4(session);
  return isLinkLocal(session.local) ? overLinkLocal(session) : overIpv6(session);
}

function overIpv4({ local, ipv6, linkLocal, directlyConnected }: SessionAddresses): NextHops {
  const global = ipv6 ?? linkLocal;
  if (global === undefined) return { IPv4: [local] };
  const appended = linkLocal !== undefined && (directlyConnected || ipv6 === undefined) ? [linkLocal] : [];
  return { IPv4: [local], IPv6: [global, ...appended] };
}

function overIpv6(session: SessionAddresses): NextHops {
  const { local, linkLocal, directlyConnected } = session;
  const own = directlyConnected && linkLocal !== undefined ? [local, linkLocal] : [local];
  return { IPv4: session.extendedNextHop ? own : [ipv4Of(session)], IPv6: own };
}

function overLinkLocal(session: SessionAddresses): NextHops {
  const { local, ipv6 } = session;
  return { IPv4: session.extendedNextHop ? [local, local] : [ipv4Of(session)], IPv6: [ipv6 ?? local, local] };
}

function ipv4Of({ ipv4, routerID }: SessionAddresses): Address {
  return ipv4 ?? routerID;
}
