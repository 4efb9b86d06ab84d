import { type Address, compareAddresses, type Family, parseAddress } from "../../crds/net/address.ts";
import { isInSubnet } from "../../crds/net/prefix.ts";
import { isLinkLocal, type SessionAddresses } from "./rib/next-hop.ts";

/** An interface of the host, as far as sessions ask. */
export type PathLink = {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  /** Index of the VRF's device, or of a bridge or bond, that this link belongs to. */
  readonly master?: number;
  readonly addresses: readonly PathAddress[];
};

export type PathAddress = { readonly address: string; readonly prefixLength: number; readonly tentative: boolean };

type Held = { readonly link: PathLink; readonly address: Address; readonly prefixLength: number };

/** The interface whose subnet has `remote`, by the longest prefix. @param device the VRF's device or the one interface. */
export function connectedLink(links: readonly PathLink[], remote: Address, device?: string): PathLink | undefined {
  const holding = heldOf(links, device).filter(
    ({ link, address, prefixLength }) => link.up && isInSubnet(remote, address, prefixLength),
  );
  return holding.toSorted((a, b) => b.prefixLength - a.prefixLength)[0]?.link;
}

/** First IPv4 address of the interface that has `local`. */
export function ipv4Beside(links: readonly PathLink[], local: Address, device?: string): Address | undefined {
  const link = heldOf(links, device).find(({ address }) => same(address, local))?.link;
  return link && firstOf(link, isFamily("IPv4"));
}

/** What next hops are chosen from, for a connection that stands. */
export function sessionAddresses(
  links: readonly PathLink[],
  { local, remote, device }: { readonly local: Address; readonly remote: Address; readonly device?: string | undefined },
): Omit<SessionAddresses, "extendedNextHop" | "routerID"> {
  const holder = heldOf(links, device).find(({ address }) => same(address, local))?.link;
  const neighbouring = connectedLink(links, remote, device);
  // An address of the loopback interface says nothing about the way that packets take.
  const outgoing = neighbouring ?? (holder?.loopback === true ? undefined : holder);
  return {
    local,
    ipv4: outgoing && firstOf(outgoing, isFamily("IPv4")),
    ipv6: outgoing && firstOf(outgoing, (address) => address.family === "IPv6" && !isLinkLocal(address)),
    linkLocal: outgoing && firstOf(outgoing, isLinkLocal),
    directlyConnected: neighbouring !== undefined,
  };
}

/** The usable link-local address of an interface; undefined: it is missing, down, or has none. */
export function linkLocalOf(links: readonly PathLink[], name: string): Address | undefined {
  const link = links.find((one) => one.name === name && one.up);
  return link && firstOf(link, isLinkLocal);
}

function heldOf(links: readonly PathLink[], device: string | undefined): readonly Held[] {
  return ofDevice(links, device).flatMap((link) =>
    link.addresses.flatMap(({ address: text, prefixLength, tentative }) => {
      const address = parseAddress(text);
      return address === undefined || tentative ? [] : [{ link, address, prefixLength }];
    }),
  );
}

/** The device itself and, where it is a VRF's, the interfaces that belong to it. */
function ofDevice(links: readonly PathLink[], device: string | undefined): readonly PathLink[] {
  if (device === undefined) return links;
  const own = links.find(({ name }) => name === device);
  return links.filter((link) => link === own || (own !== undefined && link.master === own.index));
}

function firstOf(link: PathLink, is: (address: Address) => boolean): Address | undefined {
  return heldOf([link], undefined).find(({ address }) => is(address))?.address;
}

function isFamily(family: Family): (address: Address) => boolean {
  return (address) => address.family === family;
}

function same(a: Address, b: Address): boolean {
  return compareAddresses(a, b) === 0;
}
