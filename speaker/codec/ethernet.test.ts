import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "./error.ts";
import { decodeEthernet, encodeEthernet, etherType } from "./ethernet.ts";
import { captured } from "./fixture/captured-frames.ts";
import { fromHex, toHex } from "./octets.ts";

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });

test("an untagged frame has its addresses, type and payload", () => {
  const frame = decodeEthernet(captured.arpRequest);
  equal(toHex(frame.destination), "ffffffffffff");
  equal(toHex(frame.source), "02000000000a");
  equal(frame.etherType, etherType.arp);
  equal(frame.vlan, undefined);
  equal(frame.payload.length, 28);
  deepEqual(encodeEthernet(frame), captured.arpRequest);
});

test("an 802.1Q tag is reported, with the type behind it (IEEE 802.1Q §9.6)", () => {
  const frame = decodeEthernet(fromHex("ffffffffffff 02000000000a 8100 e064 0806 0001"));
  equal(frame.vlan, 100);
  equal(frame.etherType, etherType.arp);
  deepEqual(frame.payload, fromHex("0001"));
});

test("of two tags the outermost is reported", () => {
  const frame = decodeEthernet(fromHex("ffffffffffff 02000000000a 88a8 0007 8100 0064 86dd 60"));
  equal(frame.vlan, 7);
  equal(frame.etherType, etherType.ipv6);
});

test("padding stays in the payload", () => {
  const padded = new Uint8Array(60);
  padded.set(captured.arpRequest);
  equal(decodeEthernet(padded).payload.length, 46);
});

test("decoding is the inverse of encoding", () => {
  const type = fc.constantFrom(etherType.arp, etherType.ipv6, 0x0800);
  fc.assert(
    fc.property(mac, mac, type, fc.uint8Array(), (destination, source, etherType, payload) => {
      deepEqual(decodeEthernet(encodeEthernet({ destination, source, etherType, payload })), {
        destination,
        source,
        etherType,
        payload,
      });
    }),
  );
});

test("a frame shorter than its headers is a CodecError at every length", () => {
  const tagged = fromHex("ffffffffffff 02000000000a 8100 0064 0806");
  for (let length = 0; length < tagged.length; length += 1) throws(() => decodeEthernet(tagged.slice(0, length)), CodecError);
});
