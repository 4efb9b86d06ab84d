import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrefix, parsePrefix } from "../../../crds/net/prefix.ts";
import { Writer } from "../cursor.ts";
import { fromHex, toHex } from "../octets.ts";
import { anyPrefix } from "./fixture/any-message.ts";
import { prefixOctets, readPrefixes, walkPrefixes, writePrefixes } from "./nlri.ts";

for (const { text, hex } of [
  { text: "0.0.0.0/0", hex: "00" },
  { text: "128.0.0.0/1", hex: "0180" },
  { text: "10.0.0.0/8", hex: "080a" },
  { text: "10.128.0.0/9", hex: "090a80" },
  { text: "255.255.255.255/32", hex: "20ffffffff" },
  { text: "::/0", hex: "00" },
  { text: "2001:db8::/33", hex: "2120010db800" },
  { text: "2001:db8::1/128", hex: "8020010db8000000000000000000000001" },
])
  test(`${text} is ${hex}: its length and no octet more than needed (RFC 4271 §4.3)`, () => {
    const prefix = parsePrefix(text);
    const w = new Writer();
    writePrefixes(w, prefix === undefined ? [] : [prefix], prefix?.family ?? "IPv4");
    equal(toHex(w.finish()), hex);
    deepEqual(readPrefixes(fromHex(hex), prefix?.family ?? "IPv4").map(formatPrefix), [text]);
  });

test("bits behind the prefix are cleared (RFC 4271 §4.3)", () => {
  deepEqual(readPrefixes(fromHex("090aff"), "IPv4").map(formatPrefix), ["10.128.0.0/9"]);
});

for (const family of ["IPv4", "IPv6"] as const)
  test(`${family} prefixes are read as they were written, and counted`, () => {
    fc.assert(
      fc.property(fc.array(anyPrefix(family)), (prefixes) => {
        const w = new Writer();
        writePrefixes(w, prefixes, family);
        const octets = w.finish();
        deepEqual(readPrefixes(octets, family), prefixes);
        equal(walkPrefixes(octets, family), prefixes.length);
        equal(
          octets.length,
          prefixes.reduce((sum, { length }) => sum + prefixOctets(length), 0),
        );
      }),
    );
  });

test("the first fault is told, and where it is", () => {
  deepEqual(walkPrefixes(fromHex("080a 21c633640700"), "IPv4"), { at: 2, problem: "prefix length 33 is more than 32" });
  deepEqual(walkPrefixes(fromHex("080a 20c633"), "IPv4"), { at: 2, problem: "a /32 reaches 2 octets over the end" });
  deepEqual(walkPrefixes(fromHex("81"), "IPv6"), { at: 0, problem: "prefix length 129 is more than 128" });
});
