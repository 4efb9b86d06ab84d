import type { Family } from "../../crds/net/address.ts";
import { type AddressSet, setOfRanges, size } from "../../crds/net/address-set.ts";
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

/** The addresses that more than one entry of `pool` names. A sweep: pools may have thousands of entries. */
export function heldTwice(pool: unknown): AddressSet {
  const ranges = poolEntries(pool).map((entry) => entry.range);
  const reached: { [family in Family]: bigint } = { IPv4: -1n, IPv6: -1n };
  const twice: Range[] = [];
  for (const { family, first, last } of ranges.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const known = reached[family];
    if (first <= known) twice.push({ family, first, last: last < known ? last : known });
    if (last > known) reached[family] = last;
  }
  return setOfRanges(twice);
}

/** Whether `set` holds no address at all. */
export function isEmptySet(set: AddressSet): boolean {
  return size(set, "IPv4") === 0n && size(set, "IPv6") === 0n;
}
