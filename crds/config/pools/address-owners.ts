import type { Address, Family } from "../../net/address.ts";
import { lastNotAbove } from "../../net/sorted-list.ts";
import type { AddressOwners, OwnedRange, Pool } from "../snapshot.ts";

/** Which of these pools, which do not overlap, holds which addresses. */
export function addressOwners(pools: readonly Pool[]): AddressOwners {
  const owned: { readonly [family in Family]: OwnedRange[] } = { IPv4: [], IPv6: [] };
  for (const pool of pools) {
    for (const { range } of pool.entries) owned[range.family].push({ first: range.first, last: range.last, pool });
  }
  for (const ranges of Object.values(owned)) ranges.sort((a, b) => (a.first < b.first ? -1 : 1));
  return owned;
}

/** The pool that holds an address, by binary search. */
export function ownerOf(owners: AddressOwners, { family, bits }: Address): Pool | undefined {
  const candidate = lastNotAbove(owners[family], bits, (range) => range.first);
  return candidate !== undefined && bits <= candidate.last ? candidate.pool : undefined;
}
