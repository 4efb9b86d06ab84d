import { type AddressSet, emptySet, intersect, setOfRanges, size, union } from "../../crds/net/address-set.ts";
import { parsePoolEntry, type Range } from "../../crds/net/range.ts";
import { member } from "./json.ts";

/** One readable entry of `spec.addresses`. */
export type Entry = { readonly text: string; readonly range: Range };

/** The entries of an IPAddressPool that can be read; those that cannot are findings of compile and own no address. */
export function poolEntries(pool: unknown): readonly Entry[] {
  const addresses = member(member(pool, "spec"), "addresses");
  if (!Array.isArray(addresses)) return [];
  const entries: Entry[] = [];
  for (const text of addresses as readonly unknown[]) {
    if (typeof text !== "string") continue;
    const parsed = parsePoolEntry(text);
    if (parsed.ok) entries.push({ text, range: parsed.range });
  }
  return entries;
}

/** All addresses that `pool` names. */
export function poolAddresses(pool: unknown): AddressSet {
  return setOfRanges(poolEntries(pool).map((entry) => entry.range));
}

/** The addresses that more than one entry of `pool` names. */
export function heldTwice(pool: unknown): AddressSet {
  let seen = emptySet;
  let twice = emptySet;
  for (const { range } of poolEntries(pool)) {
    const entry = setOfRanges([range]);
    twice = union(twice, intersect(seen, entry));
    seen = union(seen, entry);
  }
  return twice;
}

/** Whether `set` holds no address at all. */
export function isEmptySet(set: AddressSet): boolean {
  return size(set, "IPv4") === 0n && size(set, "IPv6") === 0n;
}
