import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeMembershipFrame, encodeMembershipHeader, type MembershipHeader, membershipVersion } from "./membership-frame.ts";
import { maxHeaderOctets, maxPacketOctets } from "./membership-limit.ts";
import { fromHex, toHex } from "./octets.ts";

const header: MembershipHeader = {
  version: 1,
  sealing: "sealed",
  sender: "node-1",
  startId: "000102030405060708090a0b0c0d0e0f",
  counter: 0x1_0000_0002,
};
const headHex = "01 01 06 6e6f64652d31 000102030405060708090a0b0c0d0e0f 0000000100000002";

test("the head of a packet has these octets", () => {
  equal(toHex(encodeMembershipHeader(header)), toHex(fromHex(headHex)));
});

test("a packet is its head and what it seals", () => {
  const decoded = decodeMembershipFrame(fromHex(`${headHex} beef`));
  deepEqual(decoded, { ok: true, value: { header, head: fromHex(headHex), body: fromHex("beef") } });
});

test("decoding is the inverse of encoding", () => {
  const anyHeader = fc.record(
    {
      version: fc.constant(membershipVersion),
      sealing: fc.constantFrom("plain" as const, "sealed" as const),
      sender: fc.stringMatching(/^[!-~]{1,253}$/),
      startId: fc.stringMatching(/^[0-9a-f]{32}$/),
      counter: fc.maxSafeNat(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(anyHeader, fc.uint8Array({ maxLength: 1000 }), (value, body) => {
      const head = encodeMembershipHeader(value);
      ok(head.length <= maxHeaderOctets);
      const decoded = decodeMembershipFrame(new Uint8Array([...head, ...body]));
      deepEqual(decoded, { ok: true, value: { header: value, head, body } });
    }),
  );
});

for (const { fault, hex } of [
  { fault: "nothing", hex: "" },
  { fault: "a version before the first", hex: headHex.replace("01", "00") },
  { fault: "a version after ours", hex: headHex.replace("01", "02") },
  { fault: "a packet of MetalLB's memberlist, encrypted", hex: `01 ${"5a".repeat(60)}` },
  { fault: "a packet of MetalLB's memberlist, compound", hex: `07 02 ${"00".repeat(60)}` },
  { fault: "an unknown sealing", hex: headHex.replace("01 01", "01 02") },
  { fault: "an empty name", hex: "01 01 00 000102030405060708090a0b0c0d0e0f 0000000100000002" },
  { fault: "a counter above 2^53", hex: headHex.replace("0000000100000002", "ff00000100000002") },
  { fault: "a packet that is too long", hex: headHex + "00".repeat(maxPacketOctets) },
])
  test(`${fault} is an error, not an exception`, () => {
    const decoded = decodeMembershipFrame(fromHex(hex));
    equal(decoded.ok, false);
  });

test("a head that was cut off is an error at every length", () => {
  const whole = fromHex(headHex);
  for (let length = 0; length < whole.length; length += 1) equal(decodeMembershipFrame(whole.slice(0, length)).ok, false);
});

test("any octets give a value, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (octets) => decodeMembershipFrame(octets) !== undefined));
});
