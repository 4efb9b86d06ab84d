import type { Adopted } from "../../crds/config/adopt.ts";
import { identityOf } from "../../crds/config/identity.ts";
import { parseAddress } from "../../crds/net/address.ts";
import { type Prefix, prefixOf } from "../../crds/net/prefix.ts";
import { isLinkLocal, octetsOfAddress } from "../codec/ip-octets.ts";
import type { FactInterface, MemberFacts } from "../codec/membership-facts.ts";

/** An interface on which the node answers, as far as the others are told of it. */
export type FactLink = {
  readonly name: string;
  /** Six octets. */
  readonly mac: Uint8Array;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
};

/**
 * What a node says of itself: the same for the same arguments in any order. A host prefix (/32, /128) is no subnet, and link-local
 * ones are everywhere: both are left out, so that /32 addresses of a node draw nothing.
 * @param setAside see {@link objectsWithoutMeaning}.
 */
export function ownFacts(links: readonly FactLink[], setAside: readonly string[]): MemberFacts {
  const interfaces = links.map(({ name, mac, addresses }): FactInterface => ({ name, mac, prefixes: subnetsOf(addresses) }));
  return { interfaces: interfaces.sort(byName), setAside: [...new Set(setAside)].sort(), complete: true };
}

/** How facts name an object of the configuration, which is all in one namespace. */
export function objectKey(kind: "IPAddressPool" | "L2Advertisement", name: string): string {
  return `${kind}/${name}`;
}

/**
 * Pools and layer-2 advertisements that mean nothing on this node, though they exist: they have an error, and this process never saw
 * a valid version of them. Another node may still go by the one that it saw.
 */
export function objectsWithoutMeaning({ findings, inForce }: Pick<Adopted, "findings" | "inForce">): readonly string[] {
  if (findings.length === 0) return [];
  const faulty = new Set(findings.map(({ object: { kind, name } }) => `${kind}/${name}`));
  for (const pool of inForce.pools) faulty.delete(keyOf("IPAddressPool", pool));
  for (const advertisement of inForce.l2Advertisements) faulty.delete(keyOf("L2Advertisement", advertisement));
  return [...faulty].filter((key) => /^(IPAddressPool|L2Advertisement)\//.test(key)).sort();
}

function keyOf(kind: "IPAddressPool" | "L2Advertisement", raw: unknown): string {
  return objectKey(kind, identityOf(kind, raw).name);
}

function subnetsOf(addresses: FactLink["addresses"]): readonly Prefix[] {
  const subnets = new Map<string, Prefix>();
  for (const { address: text, prefixLength } of addresses) {
    const address = parseAddress(text);
    if (address === undefined) continue;
    const octets = octetsOfAddress(address);
    if (isLinkLocal(octets) || prefixLength >= octets.length * 8) continue;
    const subnet = prefixOf(address.family, address.bits, prefixLength);
    subnets.set(`${subnet.family} ${subnet.bits.toString(16).padStart(32, "0")} ${subnet.length}`, subnet);
  }
  return [...subnets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subnet]) => subnet);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
