import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
import type { Range } from "../../crds/net/range.ts";

/** What `IPAddressPool.status` shows. Addresses, not Services: a shared address counts once. */
export type Counters = {
  readonly assignedIPv4: bigint;
  readonly assignedIPv6: bigint;
  readonly availableIPv4: bigint;
  readonly availableIPv6: bigint;
};

/** The largest value of the CRD's int64 fields. */
export const int64Max = 2n ** 63n - 1n;

/** MetalLB shows a pool's family as int64 max as soon as one block of it has 62 host bits. */
const saturatingSize = 2n ** 62n;

/** The addresses of one family that `pool` can hand out, saturated at int64 max. */
export function capacity(pool: Pool, family: Family): bigint {
  let total = 0n;
  for (const { range } of pool.entries) {
    if (range.family !== family) continue;
    const size = range.last - range.first + 1n;
    if (size >= saturatingSize) return int64Max;
    total += pool.avoidBuggyIPs && family === "IPv4" ? size - buggyCount(range) : size;
  }
  return total > int64Max ? int64Max : total;
}

type ByFamily = { readonly [family in Family]: bigint };

/**
 * @param total the {@link capacity} of the pool, by family.
 * @param assigned distinct addresses in use, by family.
 */
export function countersOf(total: ByFamily, assigned: ByFamily): Counters {
  return {
    assignedIPv4: assigned.IPv4,
    assignedIPv6: assigned.IPv6,
    availableIPv4: remaining(total.IPv4, assigned.IPv4),
    availableIPv6: remaining(total.IPv6, assigned.IPv6),
  };
}

/** More can be assigned than is usable: avoidBuggyIPs may be turned on while a .0 address is still in use. */
function remaining(total: bigint, assigned: bigint): bigint {
  return assigned > total ? 0n : total - assigned;
}

/** How many addresses of an IPv4 range end in .0 or .255. */
function buggyCount({ first, last }: Range): bigint {
  const endingIn = (octet: bigint): bigint => (last - octet + 256n) / 256n - (first - 1n - octet + 256n) / 256n;
  return endingIn(0n) + endingIn(255n);
}
