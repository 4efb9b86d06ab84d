import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { as4PathOf, asPathOctets, mergedAsPath, readAsPath } from "./as-path.ts";
import type { AsPathSegment } from "./path-attribute.ts";

const sequence = (...autonomousSystems: readonly number[]): AsPathSegment => ({ type: "sequence", autonomousSystems });
const set = (...autonomousSystems: readonly number[]): AsPathSegment => ({ type: "set", autonomousSystems });
const confederation: AsPathSegment = { type: "confederation-sequence", autonomousSystems: [65001] };

for (const { rule, asPath, as4Path, merged } of [
  {
    rule: "equally long paths: AS4_PATH",
    asPath: [sequence(23456, 1)],
    as4Path: [sequence(70000, 1)],
    merged: [sequence(70000, 1)],
  },
  {
    rule: "an old AS has put itself before the path",
    asPath: [sequence(2, 23456, 1)],
    as4Path: [sequence(70000, 1)],
    merged: [sequence(2, 70000, 1)],
  },
  {
    rule: "AS4_PATH is longer: it is not believed",
    asPath: [sequence(23456)],
    as4Path: [sequence(70000, 1)],
    merged: [sequence(23456)],
  },
  {
    rule: "a set counts as one",
    asPath: [sequence(2), set(23456, 3)],
    as4Path: [set(70000, 3)],
    merged: [sequence(2), set(70000, 3)],
  },
  {
    rule: "what follows the sequence that grew stays as it is",
    asPath: [sequence(2, 23456), set(3), sequence(4)],
    as4Path: [sequence(70000), set(3), sequence(4)],
    merged: [sequence(2, 70000), set(3), sequence(4)],
  },
  {
    rule: "a confederation at the head stays and counts as none",
    asPath: [confederation, sequence(23456)],
    as4Path: [sequence(70000)],
    merged: [confederation, sequence(70000)],
  },
  {
    rule: "a confederation in AS4_PATH is left out",
    asPath: [sequence(23456)],
    as4Path: [confederation, sequence(70000)],
    merged: [sequence(70000)],
  },
  {
    rule: "a sequence that would be too long stays two",
    asPath: [sequence(2, ...Array.from({ length: 254 }, () => 23456)), sequence(23456)],
    as4Path: [sequence(...Array.from({ length: 255 }, () => 70000))],
    merged: [sequence(2), sequence(...Array.from({ length: 255 }, () => 70000))],
  },
])
  test(`AS_PATH and AS4_PATH together (RFC 6793 §4.2.3): ${rule}`, () => {
    deepEqual(mergedAsPath(asPath, as4Path), merged);
  });

test("AS4_PATH is needed for a number of four octets only, and has no confederation (RFC 6793 §4.2.2)", () => {
  equal(as4PathOf([sequence(64512, 65535)]), undefined);
  deepEqual(as4PathOf([confederation, sequence(64512, 65536)]), [sequence(64512, 65536)]);
});

test("a sequence of more than 255 numbers is written as several", () => {
  const numbers = Array.from({ length: 256 }, (_, i) => i + 1);
  deepEqual(readAsPath(asPathOctets([sequence(...numbers)], 4), 4), [sequence(...numbers.slice(0, 255)), sequence(256)]);
});

test("a sequence of 255 numbers is written as one", () => {
  const numbers = Array.from({ length: 255 }, (_, i) => i + 1);
  deepEqual(readAsPath(asPathOctets([sequence(...numbers)], 2), 2), [sequence(...numbers)]);
});

test("a set may have 255 numbers", () => {
  const numbers = Array.from({ length: 255 }, (_, i) => i + 1);
  deepEqual(readAsPath(asPathOctets([set(...numbers)], 4), 4), [set(...numbers)]);
});

test("a segment that cannot be written is refused in words", () => {
  throws(() => asPathOctets([sequence()], 4), /^RangeError: a sequence of the AS path has 0 numbers$/);
  throws(
    () => asPathOctets([set(...Array.from({ length: 256 }, () => 1))], 4),
    /^RangeError: a set of the AS path has 256 numbers$/,
  );
});
