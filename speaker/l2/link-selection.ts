import { parseAddress } from "../../crds/net/address.ts";
import { isLinkLocal, octetsOfAddress } from "../codec/ip-octets.ts";
import { macLength } from "../codec/mac.ts";
import { equalOctets } from "../codec/octets.ts";

/** An interface of the host, as far as the selection asks. */
export type LinkView = {
  readonly index: number;
  readonly name: string;
  readonly mac: Uint8Array;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  readonly master?: number;
  readonly addresses: readonly { readonly address: string; readonly tentative: boolean }[];
};

/** An interface on which this node answers. */
export type WireLink = {
  readonly index: number;
  readonly name: string;
  readonly mac: Uint8Array;
  /** False: nothing sent now would arrive. */
  readonly carrier: boolean;
  /** ARP is answered here. */
  readonly arp: boolean;
  /** Source of neighbor advertisements, 16 octets. Undefined: NDP is not answered here. */
  readonly linkLocal: Uint8Array | undefined;
};

export type LinkSelection = {
  /** Names that an advertisement may give; also links that are down or cannot answer, but not excluded ones. */
  readonly existing: ReadonlySet<string>;
  /** Links that need taps, by index. */
  readonly wire: readonly WireLink[];
};

/**
 * Chooses the links that answer, as MetalLB does: up, no bridge port, bond slave or VRF member, not NOARP. ARP needs a
 * broadcast link, NDP a link-local address that is no longer tentative.
 */
export function selectLinks(links: readonly LinkView[], isExcluded: (interfaceName: string) => boolean): LinkSelection {
  const existing = new Set<string>();
  const wire: WireLink[] = [];
  for (const link of links) {
    if (isExcluded(link.name)) continue;
    existing.add(link.name);
    if (!link.up || link.master !== undefined || link.noArp || link.mac.length !== macLength) continue;
    const { index, name, mac, carrier } = link;
    const selected = { index, name, mac, carrier, arp: link.broadcast, linkLocal: linkLocalOf(link) };
    if (selected.arp || selected.linkLocal !== undefined) wire.push(selected);
  }
  return { existing, wire: wire.sort((a, b) => a.index - b.index) };
}

/** True when the list of an announcement names at least one interface that exists; an empty list means all. */
export function anyExists(interfaces: readonly string[], existing: ReadonlySet<string>): boolean {
  return interfaces.length === 0 || interfaces.some((name) => existing.has(name));
}

/** True when frames made for one are right for the other. */
export function sameEnds(a: WireLink, b: WireLink): boolean {
  const sameLinkLocal =
    a.linkLocal === undefined || b.linkLocal === undefined ? a.linkLocal === b.linkLocal : equalOctets(a.linkLocal, b.linkLocal);
  return a.index === b.index && a.name === b.name && a.arp === b.arp && equalOctets(a.mac, b.mac) && sameLinkLocal;
}

function linkLocalOf(link: LinkView): Uint8Array | undefined {
  for (const { address, tentative } of link.addresses) {
    if (tentative) continue;
    const parsed = parseAddress(address.replace(/[/%].*$/, ""));
    const octets = parsed && octetsOfAddress(parsed);
    if (octets !== undefined && isLinkLocal(octets)) return octets;
  }
  return undefined;
}
