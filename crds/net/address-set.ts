import type { Address, Family } from "./address.ts";
import { intersectRanges, type Range } from "./range.ts";

/** A set of addresses: for each family ascending ranges that neither overlap nor touch. Plain data, never changed. */
export type AddressSet = { readonly [family in Family]: readonly Range[] };

const families = ["IPv4", "IPv6"] as const;

export const emptySet: AddressSet = { IPv4: [], IPv6: [] };

/** All addresses of the ranges, which may overlap and come in any order. */
export function setOfRanges(ranges: Iterable<Range>): AddressSet {
  const unsorted: { [family in Family]: Range[] } = { IPv4: [], IPv6: [] };
  for (const range of ranges) unsorted[range.family].push(range);
  return { IPv4: merged(unsorted.IPv4), IPv6: merged(unsorted.IPv6) };
}

function merged(unsorted: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of unsorted.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const previous = result.at(-1);
    if (previous === undefined || range.first > previous.last + 1n) result.push(range);
    else if (range.last > previous.last) result[result.length - 1] = { ...previous, last: range.last };
  }
  return result;
}

/** By binary search. */
export function contains(set: AddressSet, address: Address): boolean {
  const ranges = set[address.family];
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (address.bits < range.first) high = middle - 1;
    else if (address.bits > range.last) low = middle + 1;
    else return true;
  }
  return false;
}

export function union(a: AddressSet, b: AddressSet): AddressSet {
  return setOfRanges([...rangesOf(a), ...rangesOf(b)]);
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return { IPv4: intersected(a.IPv4, b.IPv4), IPv6: intersected(a.IPv6, b.IPv6) };
}

function intersected(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return result;
    const shared = intersectRanges(left, right);
    if (shared !== undefined) result.push(shared);
    if (left.last < right.last) i += 1;
    else j += 1;
  }
}

/** The addresses of `a` that are not in `b`. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return { IPv4: subtracted(a.IPv4, b.IPv4), IPv6: subtracted(a.IPv6, b.IPv6) };
}

function subtracted(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  let j = 0;
  for (const { family, first, last } of a) {
    let next = first;
    for (let hole = b[j]; hole !== undefined && hole.first <= last; hole = b[j]) {
      if (hole.first > next) result.push({ family, first: next, last: hole.first - 1n });
      if (hole.last + 1n > next) next = hole.last + 1n;
      if (hole.last > last) break; // reaches into the next range of `a`
      j += 1;
    }
    if (next <= last) result.push({ family, first: next, last });
  }
  return result;
}

/** How many addresses of one family the set holds. */
export function size(set: AddressSet, family: Family): bigint {
  return set[family].reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** The set as the fewest ranges, IPv4 first, ascending. */
export function rangesOf(set: AddressSet): readonly Range[] {
  return [...set.IPv4, ...set.IPv6];
}

/** Every address, IPv4 first, lowest first; of one family when `family` is given. Lazy: a set can hold 2^128. */
export function* addressesOf(set: AddressSet, family?: Family): Generator<Address, void, undefined> {
  for (const each of family === undefined ? families : [family]) {
    for (const { first, last } of set[each]) {
      for (let bits = first; bits <= last; bits += 1n) yield { family: each, bits };
    }
  }
}
