import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "./address.ts";
import { formatPrefix, isInSubnet, parsePrefix, rangeOfPrefix } from "./prefix.ts";
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

const subnets = [
  { own: "192.0.2.1", length: 24, in: ["192.0.2.255", "192.0.2.1"], out: ["192.0.3.1", "::192.0.2.1", "2001:db8::1"] },
  { own: "192.0.2.1", length: 32, in: ["192.0.2.1"], out: ["192.0.2.0"] },
  { own: "192.0.2.1", length: 0, in: ["255.0.0.1"], out: ["::"] },
  { own: "2001:db8::1", length: 64, in: ["2001:db8::ffff:0:0:1"], out: ["2001:db8:0:1::1", "32.1.13.184"] },
  { own: "2001:db8::1", length: 127, in: ["2001:db8::"], out: ["2001:db8::2"] },
];
for (const { own, length, ...others } of subnets)
  test(`in the subnet of ${own}/${length} are ${others.in.join(" and ")}, and not ${others.out.join(" or ")}`, () => {
    const read = (text: string) => parseAddress(text) ?? { family: "IPv4", bits: 0n };
    const found = [...others.in, ...others.out].filter((text) => isInSubnet(read(text), read(own), length));
    deepEqual(found, others.in);
  });
