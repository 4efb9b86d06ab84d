import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { formatPrefix, parsePrefix, rangeOfPrefix } from "./prefix.ts";
import { formatRange } from "./range.ts";

const read = [
  { text: "10.0.0.0/24", is: "10.0.0.0/24" },
  { text: "10.0.0.5/24", is: "10.0.0.0/24" }, // host bits are cleared
  { text: "10.0.0.5/32", is: "10.0.0.5/32" },
  { text: "255.255.255.255/0", is: "0.0.0.0/0" },
  { text: "2001:db8::1/64", is: "2001:db8::/64" },
  { text: "2001:DB8::1/128", is: "2001:db8::1/128" },
];
for (const { text, is } of read)
  test(`${text} is the prefix ${is}`, () => {
    const prefix = parsePrefix(text);
    equal(prefix && formatPrefix(prefix), is);
  });

for (const text of [
  "10.0.0.0",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/+8",
  "10.0.0.0/8/8",
  "::/129",
  "::ffff:10.0.0.0/120",
  "::ffff:10.0.0.0/24",
  " ::/64",
  "/8",
])
  test(`${text} is no prefix`, () => equal(parsePrefix(text), undefined));

test("a prefix holds everything from its network to its broadcast address", () => {
  const ranges = ["10.0.0.0/30", "10.0.0.7/32", "2001:db8::/127"]
    .map(parsePrefix)
    .map((prefix) => prefix && formatRange(rangeOfPrefix(prefix)));
  deepEqual(ranges, ["10.0.0.0-10.0.0.3", "10.0.0.7", "2001:db8::-2001:db8::1"]);
});
