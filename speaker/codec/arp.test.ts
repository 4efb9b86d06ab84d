import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ArpPacket, arpLength, arpOperation, decodeArp, encodeArp } from "./arp.ts";
import { CodecError } from "./error.ts";
import { captured } from "./fixture/captured-frames.ts";
import { fromHex } from "./octets.ts";

const a = fromHex("02000000000a");
const b = fromHex("02000000000b");
const none = fromHex("000000000000");
const all = fromHex("ffffffffffff");

const wire: readonly { readonly name: string; readonly frame: Uint8Array; readonly packet: ArpPacket }[] = [
  {
    name: "request of the kernel",
    frame: captured.arpRequest,
    packet: {
      operation: arpOperation.request,
      senderMac: a,
      senderIp: fromHex("c0000201"),
      targetMac: none,
      targetIp: fromHex("c0000202"),
    },
  },
  {
    name: "reply of the kernel",
    frame: captured.arpReply,
    packet: {
      operation: arpOperation.reply,
      senderMac: b,
      senderIp: fromHex("c0000202"),
      targetMac: a,
      targetIp: fromHex("c0000201"),
    },
  },
  {
    name: "probe of arping -D (RFC 5227 §2.1.1)",
    frame: captured.arpProbe,
    packet: {
      operation: arpOperation.request,
      senderMac: a,
      senderIp: fromHex("00000000"),
      targetMac: all,
      targetIp: fromHex("c0000207"),
    },
  },
];

for (const { name, frame, packet } of wire) {
  test(`ARP ${name} as captured`, () => {
    deepEqual(decodeArp(frame.subarray(14)), packet);
    deepEqual(encodeArp(packet), frame.slice(14));
  });
}

test("padding behind the packet is ignored", () => {
  const padded = new Uint8Array(46);
  padded.set(captured.arpRequest.subarray(14));
  deepEqual(decodeArp(padded), decodeArp(captured.arpRequest.subarray(14)));
});

test("decoding is the inverse of encoding", () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const packet = fc.record({
    operation: fc.nat(0xffff),
    senderMac: octets(6),
    senderIp: octets(4),
    targetMac: octets(6),
    targetIp: octets(4),
  });
  fc.assert(fc.property(packet, (value) => deepEqual(decodeArp(encodeArp(value)), { ...value })));
});

test("a truncated packet is a CodecError at every length", () => {
  const whole = captured.arpReply.subarray(14);
  equal(whole.length, arpLength);
  for (let length = 0; length < arpLength; length += 1) throws(() => decodeArp(whole.slice(0, length)), CodecError);
});

for (const { field, at } of [
  { field: "hardware type", at: 1 },
  { field: "protocol type", at: 2 },
  { field: "hardware length", at: 4 },
  { field: "protocol length", at: 5 },
]) {
  test(`another ${field} than IPv4 over Ethernet is refused by name`, () => {
    const other = captured.arpRequest.slice(14);
    other[at] = 0x55;
    throws(() => decodeArp(other), { name: "CodecError", field });
  });
}
