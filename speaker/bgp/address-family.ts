import type { Family } from "../../crds/net/address.ts";

/** Address Family Identifier of each family. RFC 4760 §5. */
export const afiOf: { readonly [family in Family]: number } = { IPv4: 1, IPv6: 2 };

/** Subsequent Address Family Identifier of unicast routes, the only ones spoken of here. RFC 4760 §6. */
export const unicastSafi = 1;

/** Inverse of {@link afiOf}; undefined for what is never sent here, such as VPN or multicast routes. */
export function unicastFamily({ afi, safi }: { readonly afi: number; readonly safi: number }): Family | undefined {
  if (safi !== unicastSafi) return undefined;
  return afi === afiOf.IPv4 ? "IPv4" : afi === afiOf.IPv6 ? "IPv6" : undefined;
}
