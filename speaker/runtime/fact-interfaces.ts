import { bitsOf, parseAddress } from "../../crds/net/address.ts";
import { formatPrefix, type Prefix, prefixOf } from "../../crds/net/prefix.ts";
import type { FactInterface } from "../codec/membership-facts.ts";
import type { WireLink } from "../l2/link-selection.ts";
import type { Link } from "../native/ports.ts";

/** The interfaces that answer and have a carrier, with the subnets that each reaches: what the other nodes are told. */
export function factInterfaces(wire: readonly WireLink[], links: readonly Link[]): readonly FactInterface[] {
  return wire
    .filter(({ carrier }) => carrier)
    .map(({ index, name, mac }) => ({ name, mac, prefixes: prefixesOf(links.find((link) => link.index === index)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Sorted, each once; link-local ones are every interface's and say nothing. */
function prefixesOf(link: Link | undefined): readonly Prefix[] {
  const prefixes = new Map<string, Prefix>();
  for (const { address, prefixLength, family } of link?.addresses ?? []) {
    const own = parseAddress(address);
    if (own === undefined || own.family !== family || prefixLength > bitsOf[family] || isLinkLocal(address)) continue;
    const prefix = prefixOf(family, own.bits, prefixLength);
    prefixes.set(formatPrefix(prefix), prefix);
  }
  return [...prefixes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prefix]) => prefix);
}

/** fe80::/10. RFC 4291 §2.5.6. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
