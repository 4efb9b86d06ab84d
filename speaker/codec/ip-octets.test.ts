import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressOfOctets, isLinkLocal, isSolicitedNode, octetsOfAddress, solicitedNode } from "./ip-octets.ts";
import { formatMac, isGroupMac, macNumber, macOctets, multicastMac } from "./mac.ts";
import { fromHex, toHex } from "./octets.ts";

test("octets and address are inverse for both families", () => {
  const octets = fc.constantFrom(4, 16).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(octets, (value) => {
      const address = addressOfOctets(value);
      deepEqual(address && octetsOfAddress(address), value);
    }),
  );
  equal(addressOfOctets(new Uint8Array(5)), undefined);
});

test("the solicited-node group of 4037::01:800:200e:8c6c is ff02::1:ff0e:8c6c (RFC 4291 §2.7.1)", () => {
  const group = solicitedNode(fromHex("403700000000000000010800200e8c6c"));
  equal(toHex(group), "ff0200000000000000000001ff0e8c6c");
  equal(isSolicitedNode(group), true);
  equal(isSolicitedNode(fromHex("ff020000000000000000000100000001")), false);
  equal(toHex(multicastMac(group)), "3333ff0e8c6c");
});

test("link-local is fe80::/10", () => {
  equal(isLinkLocal(fromHex("fe800000000000000000000000000001")), true);
  equal(isLinkLocal(fromHex("febf0000000000000000000000000001")), true);
  equal(isLinkLocal(fromHex("fec00000000000000000000000000001")), false);
  equal(isLinkLocal(fromHex("fe80")), false);
});

test("a hardware address is a number of 48 bits, all of them used", () => {
  equal(macNumber(fromHex("ffffffffffff")), 2 ** 48 - 1);
  equal(macNumber(fromHex("00 800000000001"), 1), 2 ** 47 + 1);
  for (const mac of ["000000000000", "ffffffffffff", "02fe8001ff7f"]) deepEqual(macOctets(macNumber(fromHex(mac))), fromHex(mac));
  equal(isGroupMac(fromHex("3333ff000002")), true);
  equal(isGroupMac(fromHex("02000000000a")), false);
  equal(formatMac(fromHex("02000000000a")), "02:00:00:00:00:0a");
});

test("hexadecimal text is read in pairs of digits only", () => {
  deepEqual(fromHex("0A ff\n00"), Uint8Array.of(10, 255, 0));
  throws(() => fromHex("0a f"), RangeError);
  throws(() => fromHex("0g"), RangeError);
});
