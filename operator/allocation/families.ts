import type { Address, Family } from "../../crds/net/address.ts";

/** The families that a Service's cluster IPs ask for. */
export type Families = Family | "dual";

/** One address gives its family, one of each gives `dual`, anything else gives undefined. */
export function familiesOf(addresses: readonly Address[]): Families | undefined {
  const [first, second] = addresses;
  if (first === undefined || addresses.length > 2) return undefined;
  if (second === undefined) return first.family;
  return first.family === second.family ? undefined : "dual";
}

/** IPv4 first. */
export function familyList(families: Families): readonly Family[] {
  return families === "dual" ? ["IPv4", "IPv6"] : [families];
}

export function otherFamily(family: Family): Family {
  return family === "IPv4" ? "IPv6" : "IPv4";
}

/** What a Service of two families makes of `spec.ipFamilyPolicy` and `spec.ipFamilies`. */
export type Preference = {
  readonly requireDual: boolean;
  /** The family to fall back to when no pool has both. */
  readonly primary: Family;
};

/** The combinations of addresses that a Service takes, the best first. Two addresses are always given IPv4 first. */
export function combinations(families: Families, { requireDual, primary }: Preference): readonly (readonly Family[])[] {
  const wanted = familyList(families);
  return families !== "dual" || requireDual ? [wanted] : [wanted, [primary], [otherFamily(primary)]];
}
