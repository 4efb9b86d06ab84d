import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Address, Family } from "./address.ts";
import {
  type AddressSet,
  addressesOf,
  contains,
  emptySet,
  intersect,
  rangesOf,
  setOfRanges,
  size,
  subtract,
  union,
} from "./address-set.ts";
import { formatRange, type Range } from "./range.ts";

/** Ranges among the lowest 64 addresses, so that they often meet. */
const smallRange: fc.Arbitrary<Range> = fc
  .record({
    family: fc.constantFrom("IPv4" as const, "IPv6" as const),
    a: fc.bigInt({ min: 0n, max: 63n }),
    b: fc.bigInt({ min: 0n, max: 63n }),
  })
  .map(({ family, a, b }) => (a < b ? { family, first: a, last: b } : { family, first: b, last: a }));
const smallRanges = fc.array(smallRange, { maxLength: 8 });

/** The naive model: a list of `family bits` texts. */
function model(ranges: readonly Range[]): ReadonlySet<string> {
  return new Set(ranges.flatMap((range) => everyAddress(range).map(key)));
}

function everyAddress({ family, first, last }: Range): readonly Address[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => ({ family, bits: first + BigInt(index) }));
}

function key({ family, bits }: Address): string {
  return `${family} ${bits.toString().padStart(3, "0")}`;
}

function keys(set: AddressSet): readonly string[] {
  return [...addressesOf(set)].map(key);
}

function sorted(expected: Iterable<string>): readonly string[] {
  return [...expected].sort();
}

test("a set holds the addresses of its ranges, each once, lowest first and IPv4 first", () => {
  fc.assert(fc.property(smallRanges, (ranges) => deepEqual(keys(setOfRanges(ranges)), sorted(model(ranges)))));
});

test("the ranges of a set are ascending, and neither overlap nor touch", () => {
  fc.assert(
    fc.property(smallRanges, (ranges) => {
      const result = rangesOf(setOfRanges(ranges));
      for (const [index, range] of result.entries()) {
        const next = result[index + 1];
        if (next?.family === range.family) equal(next.first > range.last + 1n, true);
      }
    }),
  );
});

test("union, intersection and difference are those of the addresses", () => {
  fc.assert(
    fc.property(smallRanges, smallRanges, (a, b) => {
      const [left, right] = [model(a), model(b)];
      deepEqual(keys(union(setOfRanges(a), setOfRanges(b))), sorted([...new Set([...left, ...right])]));
      deepEqual(keys(intersect(setOfRanges(a), setOfRanges(b))), sorted([...left].filter((each) => right.has(each))));
      deepEqual(keys(subtract(setOfRanges(a), setOfRanges(b))), sorted([...left].filter((each) => !right.has(each))));
    }),
    { numRuns: 500 },
  );
});

test("what operations return is canonical, so equal sets are deeply equal", () => {
  fc.assert(
    fc.property(smallRanges, smallRanges, (a, b) => {
      const [left, right] = [setOfRanges(a), setOfRanges(b)];
      deepEqual(union(intersect(left, right), subtract(left, right)), left);
      deepEqual(setOfRanges(rangesOf(intersect(left, right))), intersect(left, right));
    }),
  );
});

test("contains agrees with the addresses, size counts them", () => {
  fc.assert(
    fc.property(smallRanges, (ranges) => {
      const set = setOfRanges(ranges);
      for (const family of ["IPv4", "IPv6"] satisfies readonly Family[]) {
        const inside = everyAddress({ family, first: 0n, last: 65n }).filter((address) => contains(set, address));
        deepEqual(inside, [...addressesOf(set, family)]);
        equal(size(set, family), BigInt(inside.length));
      }
    }),
  );
});

test("the empty set holds nothing", () => {
  deepEqual(keys(emptySet), []);
  equal(contains(emptySet, { family: "IPv4", bits: 0n }), false);
});

test("sizes beyond 2^64 are exact", () => {
  equal(size(setOfRanges([{ family: "IPv6", first: 0n, last: 2n ** 128n - 1n }]), "IPv6"), 2n ** 128n);
});

test("ranges that touch become one, at the end of the address space too", () => {
  const last = 2n ** 32n - 1n;
  const set = setOfRanges([
    { family: "IPv4", first: last, last },
    { family: "IPv4", first: 0n, last: last - 1n },
  ]);
  deepEqual(rangesOf(set).map(formatRange), ["0.0.0.0-255.255.255.255"]);
});

test("addresses come lazily", () => {
  const [first] = addressesOf(setOfRanges([{ family: "IPv6", first: 5n, last: 2n ** 128n - 1n }]));
  deepEqual(first, { family: "IPv6", bits: 5n });
});
