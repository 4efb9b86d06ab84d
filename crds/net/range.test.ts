import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrefix, rangeOfPrefix } from "./prefix.ts";
import { formatRange, intersectRanges, parsePoolEntry, prefixesOfRange, type Range, rangesOverlap } from "./range.ts";

const read = [
  { text: "10.0.0.0/24", is: "10.0.0.0-10.0.0.255" },
  { text: "10.0.0.5/24", is: "10.0.0.0-10.0.0.255" },
  { text: "10.0.0.5/32", is: "10.0.0.5" },
  { text: "10.0.0.1-10.0.0.5", is: "10.0.0.1-10.0.0.5" },
  { text: "10.0.0.1 - 10.0.0.5", is: "10.0.0.1-10.0.0.5" },
  { text: "10.0.0.5-10.0.0.5", is: "10.0.0.5" },
  { text: "::ffff:10.0.0.1-::ffff:10.0.0.4", is: "10.0.0.1-10.0.0.4" },
  { text: "2001:db8::/127", is: "2001:db8::-2001:db8::1" },
  { text: "2001:db8::ff-2001:db8::1:0", is: "2001:db8::ff-2001:db8::1:0" },
];
for (const { text, is } of read)
  test(`the entry ${text} holds ${is}`, () => {
    const result = parsePoolEntry(text);
    ok(result.ok);
    equal(formatRange(result.range), is);
  });

const refused = [
  { text: "10.0.0.5", code: "AddressInvalid", way: /write 10\.0\.0\.5\/32$/ },
  { text: "2001:db8::5", code: "AddressInvalid", way: /write 2001:db8::5\/128$/ },
  { text: "10.0.3.100-150", code: "AddressInvalid", way: /write 10\.0\.3\.100-10\.0\.3\.150$/ },
  { text: "10.0.3.100-4.150", code: "AddressInvalid", way: /write 10\.0\.3\.100-10\.0\.4\.150$/ },
  { text: "2001:db8::1-5", code: "AddressInvalid", way: /write 2001:db8::1-2001:db8::5$/ },
  { text: "10.0.0.1-x", code: "AddressInvalid", way: /"x" is not an IP address$/ },
  { text: "10.0.0.9-10.0.0.1", code: "RangeReversed", way: /write 10\.0\.0\.1-10\.0\.0\.9$/ },
  { text: "::-0.0.0.0", code: "RangeMixedFamilies", way: /one range for each family$/ },
  { text: "0.0.0.0-::1", code: "RangeMixedFamilies", way: /one range for each family$/ },
  { text: "::ffff:10.0.0.0/120", code: "AddressInvalid", way: /write the IPv4 one, 10\.0\.0\.0\/24$/ },
  { text: "::ffff:10.0.0.7/96", code: "AddressInvalid", way: /write the IPv4 one, 10\.0\.0\.7\/0$/ },
  { text: "::ffff:10.0.0.7/95", code: "AddressInvalid", way: /write the IPv4 one$/ }, // more than the block
  { text: "::ffff:10.0.0.7/129", code: "AddressInvalid", way: /write the IPv4 one$/ },
  { text: "::/0", code: "AddressInvalid", way: /IPv4-mapped/ },
  { text: "10.0.0.0/33", code: "AddressInvalid", way: /from 0 to 32$/ },
  { text: "2001:db8::/129", code: "AddressInvalid", way: /from 0 to 128$/ },
  { text: " 10.0.0.0/24", code: "AddressInvalid", way: /write 10\.0\.0\.0\/24: remove the blanks$/ },
  { text: "10.0.0.0/24\t", code: "AddressInvalid", way: /write 10\.0\.0\.0\/24: remove the blanks$/ },
  { text: "x ", code: "AddressInvalid", way: /"x " is not an IP address: remove the blanks$/ },
  { text: "10.0.0.0/24, 10.0.1.0/24", code: "AddressInvalid", way: /as an entry of its own$/ },
  { text: "10.0.0.0/24;", code: "AddressInvalid", way: /as an entry of its own$/ },
  { text: "10.0.0.0/24,x", code: "AddressInvalid", way: /from 0 to 32$/ },
  { text: "10.0.0.1\u201310.0.0.5", code: "AddressInvalid", way: /write 10\.0\.0\.1-10\.0\.0\.5: its dash is none of ASCII$/ },
  { text: "10.0.0.010/24", code: "AddressInvalid", way: /leading zeros: write 10\.0\.0\.10$/ },
  { text: "fe80::1%eth0/128", code: "AddressInvalid", way: /no zone/ },
  { text: "10.0.0.1-", code: "AddressInvalid", way: /an address is missing$/ },
  { text: "-", code: "AddressInvalid", way: /an address is missing$/ },
  { text: "", code: "AddressInvalid", way: /an address is missing$/ },
  { text: "/24", code: "AddressInvalid", way: /an address is missing$/ },
];
for (const { text, code, way } of refused)
  test(`the entry ${JSON.stringify(text)} is refused and the way out is named`, () => {
    const result = parsePoolEntry(text);
    ok(!result.ok);
    equal(result.code, code);
    match(result.reason, way);
  });

test("reading an entry never throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%/ -]{0,60}$/)),
      (text) => typeof parsePoolEntry(text).ok === "boolean",
    ),
  );
});

test("a range is split into the prefixes that cover it, largest first where they fit", () => {
  const parsed = parsePoolEntry("10.0.0.1-10.0.0.8");
  ok(parsed.ok);
  deepEqual(prefixesOfRange(parsed.range).map(formatPrefix), ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8/32"]);
});

test("a whole family is one prefix", () => {
  const all: Range = { family: "IPv6", first: 0n, last: 2n ** 128n - 1n };
  deepEqual(prefixesOfRange(all).map(formatPrefix), ["::/0"]);
});

const ranges: fc.Arbitrary<Range> = fc
  .record({
    family: fc.constantFrom("IPv4" as const, "IPv6" as const),
    a: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
    length: fc.bigInt({ min: 0n, max: 5000n }),
  })
  .map(({ family, a, length }) => ({ family, first: a, last: a + length < 2n ** 32n ? a + length : a }));

test("the prefixes of a range cover exactly it, ascending", () => {
  fc.assert(
    fc.property(ranges, (range) => {
      const covered = prefixesOfRange(range).map(rangeOfPrefix);
      equal(covered[0]?.first, range.first);
      equal(covered.at(-1)?.last, range.last);
      for (const [index, each] of covered.entries())
        equal(each.first, index === 0 ? range.first : (covered[index - 1]?.last ?? 0n) + 1n);
    }),
  );
});

test("the prefixes of a range are the fewest: no two neighbours make one prefix", () => {
  fc.assert(
    fc.property(ranges, (range) => {
      const prefixes = prefixesOfRange(range);
      for (const [index, { bits, length, family }] of prefixes.entries()) {
        const next = prefixes[index + 1];
        if (next?.length !== length) continue;
        const parent = 1n << BigInt((family === "IPv4" ? 32 : 128) - length + 1);
        ok(bits / parent !== next.bits / parent, `${formatPrefix({ family, bits, length })} and its neighbour`);
      }
    }),
  );
});

test("ranges overlap when they share an address, and what they share is in both", () => {
  fc.assert(
    fc.property(ranges, ranges, fc.bigInt({ min: 0n, max: 4000n }), (a, b, offset) => {
      const near: Range = { ...b, first: a.first + offset, last: a.first + offset + 10n };
      const shared = intersectRanges(a, near);
      equal(shared !== undefined, rangesOverlap(a, near));
      equal(rangesOverlap(a, near), a.family === near.family && near.first <= a.last);
      if (shared !== undefined) deepEqual([shared.first, shared.last], [near.first, near.last < a.last ? near.last : a.last]);
    }),
  );
});

test("ranges that share only an end overlap, either way round; neighbours and families do not", () => {
  const low: Range = { family: "IPv4", first: 1n, last: 5n };
  const high: Range = { family: "IPv4", first: 5n, last: 9n };
  deepEqual([rangesOverlap(low, high), rangesOverlap(high, low)], [true, true]);
  deepEqual(intersectRanges(high, low), { family: "IPv4", first: 5n, last: 5n });
  equal(rangesOverlap({ ...low, last: 4n }, high), false);
  equal(rangesOverlap(high, { ...low, last: 4n }), false);
  equal(rangesOverlap(low, { ...high, family: "IPv6" }), false);
});
