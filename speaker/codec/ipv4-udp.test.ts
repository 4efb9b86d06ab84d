import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "./error.ts";
import { capturedBfd, capturedBfdPacket } from "./fixture/captured-bfd.ts";
import { decodeIpv4Udp, encodeIpv4Udp, type Ipv4Udp } from "./ipv4-udp.ts";
import { fromHex } from "./octets.ts";

const packet: Ipv4Udp = {
  tos: 0xc0,
  ttl: 255,
  source: fromHex("c0000202"),
  destination: fromHex("c0000201"),
  sourcePort: 59_723,
  destinationPort: 3784,
  payload: capturedBfd.birdDown,
};

test("a packet of BIRD as captured", () => {
  deepEqual(decodeIpv4Udp(capturedBfdPacket), packet);
});

test("a packet is not fragmented and has the checksums of both headers", () => {
  // Sums worked out by hand: the captured header's with DF for its identification, and RFC 768's.
  deepEqual(encodeIpv4Udp(packet).subarray(0, 12), fromHex("45c00034 00004000 ff11f6f4"));
});

test("decoding is the inverse of encoding", () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const any = fc.record({
    tos: fc.nat(255),
    ttl: fc.nat(255),
    source: octets(4),
    destination: octets(4),
    sourcePort: fc.nat(0xffff),
    destinationPort: fc.nat(0xffff),
    payload: fc.uint8Array({ maxLength: 65 }),
  });
  fc.assert(fc.property(any, (value) => deepEqual(decodeIpv4Udp(encodeIpv4Udp(value)), { ...value })));
});

test("any one octet that is changed is noticed", () => {
  const whole = encodeIpv4Udp(packet);
  for (let at = 0; at < whole.length; at += 1) {
    const other = whole.slice();
    other[at] = (other[at] ?? 0) ^ 0x41;
    throws(() => decodeIpv4Udp(other), CodecError, `octet ${at}`);
  }
});

test("a truncated packet is a CodecError at every length, and padding is ignored", () => {
  const whole = encodeIpv4Udp(packet);
  for (let length = 0; length < whole.length; length += 1) throws(() => decodeIpv4Udp(whole.slice(0, length)), CodecError);
  const padded = new Uint8Array(whole.length + 10).fill(0x77);
  padded.set(whole);
  equal(decodeIpv4Udp(padded).payload.length, 24);
});

for (const { rule, at, octet, field } of [
  { rule: "a fragment", at: 6, octet: 0x20, field: "fragment" },
  { rule: "another protocol than UDP", at: 9, octet: 6, field: "protocol" },
  { rule: "another version than 4", at: 0, octet: 0x65, field: "version" },
]) {
  test(`${rule} is refused by name`, () => {
    const other = capturedBfdPacket.slice();
    other[at] = octet;
    throws(() => decodeIpv4Udp(other), { name: "CodecError", field });
  });
}
