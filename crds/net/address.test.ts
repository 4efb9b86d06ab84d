import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, canonicalAddress, compareAddresses, formatAddress, mappedBlock, parseAddress } from "./address.ts";

const addresses: fc.Arbitrary<Address> = fc.oneof(
  fc.record({ family: fc.constant("IPv4" as const), bits: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }) }),
  fc
    .record({
      family: fc.constant("IPv6" as const),
      // Groups of zeros are common in real addresses, and rare in random numbers.
      bits: fc
        .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn })), { minLength: 8, maxLength: 8 })
        .map(ofGroups),
    })
    .filter(({ bits }) => bits < mappedBlock.first || bits > mappedBlock.last),
);

function ofGroups(groups: readonly bigint[]): bigint {
  return groups.reduce((bits, group) => bits * 0x1_0000n + group, 0n);
}

const canonical = [
  { text: "0.0.0.0", is: "0.0.0.0" },
  { text: "255.255.255.255", is: "255.255.255.255" },
  { text: "10.0.200.9", is: "10.0.200.9" },
  { text: "::", is: "::" },
  { text: "2001:DB8::1", is: "2001:db8::1" },
  { text: "2001:0db8:0000:0000:0000:0000:0000:0001", is: "2001:db8::1" },
  { text: "2001:db8:0:1:1:1:1:1", is: "2001:db8:0:1:1:1:1:1" }, // RFC 5952 §4.2.2: one group of zeros stays
  { text: "1:0:0:2:0:0:0:3", is: "1:0:0:2::3" }, // the longest run
  { text: "1:0:0:2:3:0:0:4", is: "1::2:3:0:0:4" }, // RFC 5952 §4.2.3: the first of two
  { text: "1:2:3:4:5:6:7::", is: "1:2:3:4:5:6:7:0" },
  { text: "64:ff9b::192.0.2.33", is: "64:ff9b::c000:221" },
  { text: "::ffff:192.0.2.33", is: "192.0.2.33" }, // RFC 4291 §2.5.5.2
  { text: "::ffff:c000:221", is: "192.0.2.33" },
  { text: "::fffe:ffff:ffff", is: "::fffe:ffff:ffff" },
  { text: "::1:0:0:0", is: "::1:0:0:0" },
];
for (const { text, is } of canonical)
  test(`${text} is written ${is}`, () => {
    const address = parseAddress(text);
    equal(address && formatAddress(address), is);
    equal(canonicalAddress(text), is);
  });

const refused = [
  "",
  "1",
  "1.2.3",
  "1.2.3.4.5",
  "256.0.0.1",
  "01.2.3.4",
  "1.2.3.00",
  "1.2.3.4/32",
  " 1.2.3.4",
  "1.2.3.4 ",
  "1.2.3.-4",
  "0x1.2.3.4",
  "1.2.3.4\n",
  "１.2.3.4",
  ":",
  ":::",
  "1::2::3",
  "::12345",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "fe80::1%eth0",
  "::1/128",
  "[::1]",
  "::1.2.3.256",
  "::1.2.3.04",
  "1.2.3.4::",
  "::g",
  " ::1",
  "::1\n",
  "1:",
  ":1",
  "localhost",
  "a".repeat(1000),
];
for (const text of refused)
  test(`${JSON.stringify(text.slice(0, 40))} is no address`, () =>
    deepEqual([parseAddress(text), canonicalAddress(text)], [undefined, undefined]));

test("text of any kind never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%/]{0,45}$/)), (text) => parseAddress(text) !== null));
});

test("parsing what was formatted gives the address back", () => {
  fc.assert(
    fc.property(addresses, ({ family, bits }) => deepEqual(parseAddress(formatAddress({ family, bits })), { family, bits })),
    { numRuns: 500 },
  );
});

test("addresses are ordered IPv4 first, then by value", () => {
  const ascending = ["0.0.0.1", "9.0.0.0", "10.0.0.0", "::", "::2", "ff00::"];
  const parsed = ascending.map(parseAddress).filter((address): address is Address => address !== undefined);
  equal(parsed.length, ascending.length);
  deepEqual(parsed.toReversed().sort(compareAddresses).map(formatAddress), ascending);
});

test("IPv4 comes before IPv6, then the lower address before the higher", () => {
  const ordered = ["0.0.0.1", "255.255.255.255", "::", "::1", "ffff::"].flatMap((text) => parseAddress(text) ?? []);
  equal(ordered.length, 5);
  for (const [index, a] of ordered.entries())
    for (const [other, b] of ordered.entries()) equal(Math.sign(compareAddresses(a, b)), Math.sign(index - other));
});
