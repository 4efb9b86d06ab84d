import type { Family } from "../../net/address.ts";
import type { Range } from "../../net/range.ts";
import type { Identity } from "../identity.ts";
import type { ReadEntry } from "./ip-address-pool.ts";

/** One entry of one pool, with the pool's place in the order of seniority. */
export type Claim = { readonly owner: Identity; readonly rank: number; readonly entry: ReadEntry };

/** Ranges of which no two overlap, each with who claims it. A builder: it grows while pools are taken in. */
export class ClaimedRanges {
  /** Ascending for each family. */
  readonly #claims: { readonly [family in Family]: Claim[] } = { IPv4: [], IPv6: [] };

  /** Takes in all claims, or none of them when one overlaps another or what is here already. */
  addAll(claims: readonly Claim[]): boolean {
    const ascending = claims.toSorted((a, b) => compareFirst(a.entry.range, b.entry.range));
    const clash = ascending.some(({ entry: { range } }, index) => {
      const next = ascending[index + 1]?.entry.range;
      return (next?.family === range.family && next.first <= range.last) || this.overlapping(range, 1).length > 0;
    });
    if (clash) return false;
    for (const claim of ascending) {
      const list = this.#claims[claim.entry.range.family];
      list.splice(firstEndingFrom(list, claim.entry.range.first), 0, claim);
    }
    return true;
  }

  /** The claims here that share an address with `range`, ascending. */
  overlapping(range: Range, atMost: number): readonly Claim[] {
    const list = this.#claims[range.family];
    const start = firstEndingFrom(list, range.first);
    let end = start;
    while (end < start + atMost && (list[end]?.entry.range.first ?? range.last + 1n) <= range.last) end += 1;
    return list.slice(start, end);
  }
}

function compareFirst(a: Range, b: Range): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

/** Index of the first claim whose range ends at `address` or after it. */
function firstEndingFrom(list: readonly Claim[], address: bigint): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const claim = list[middle];
    if (claim !== undefined && claim.entry.range.last < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
