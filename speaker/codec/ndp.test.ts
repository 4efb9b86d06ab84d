import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "./error.ts";
import { captured } from "./fixture/captured-frames.ts";
import { icmpv6 } from "./icmpv6.ts";
import { decodeIpv6, encodeIpv6, type Ipv6Packet, pseudoHeaderChecksum } from "./ipv6.ts";
import { decodeNdp, encodeNdp, type NdpPacket } from "./ndp.ts";
import { fromHex } from "./octets.ts";

const target = fromHex("20010db8000000000000000000000002");
const asker = fromHex("fe80000000000000000000fffe00000a");
const unspecified = new Uint8Array(16);
const group = fromHex("ff0200000000000000000001ff000002");

test("a solicitation of ndisc6 is read as captured", () => {
  deepEqual(decodeNdp(captured.solicitation.subarray(14)), {
    source: asker,
    destination: group,
    message: { type: "solicitation", target, sourceLinkLayer: fromHex("02000000000a") },
  });
});

test("an advertisement of the kernel is read as captured, and written back octet for octet", () => {
  const packet: NdpPacket = {
    source: target,
    destination: asker,
    message: {
      type: "advertisement",
      router: false,
      solicited: true,
      override: true,
      target,
      targetLinkLayer: fromHex("02000000000b"),
    },
  };
  deepEqual(decodeNdp(captured.advertisement.subarray(14)), packet);
  deepEqual(encodeNdp(packet), captured.advertisement.slice(14));
});

test("a probe of the kernel is read; its nonce option is skipped (RFC 7527)", () => {
  const { source, message } = decodeNdp(captured.probe.subarray(14));
  deepEqual(source, unspecified);
  deepEqual(message, { type: "solicitation", target: fromHex("20010db8000000000000000000000099") });
});

test("padding behind the packet's own length is ignored", () => {
  const whole = captured.solicitation.subarray(14);
  const padded = new Uint8Array(whole.length + 9).fill(0x5a);
  padded.set(whole);
  deepEqual(decodeNdp(padded), decodeNdp(whole));
});

/** The captured solicitation with something changed and the checksum made right again. */
function altered(change: {
  readonly packet?: Partial<Ipv6Packet>;
  readonly payload?: (octets: Uint8Array) => Uint8Array;
}): Uint8Array {
  const packet = { ...decodeIpv6(captured.solicitation.subarray(14)), ...change.packet };
  const original = packet.payload.slice();
  const payload = change.payload === undefined ? original : change.payload(original);
  payload.set([0, 0], 2);
  const sum = pseudoHeaderChecksum(packet.source, packet.destination, icmpv6, payload);
  payload.set([sum >>> 8, sum & 0xff], 2);
  return encodeIpv6({ ...packet, payload });
}

function with8(at: number, value: number): (octets: Uint8Array) => Uint8Array {
  return (octets) => {
    octets[at] = value;
    return octets;
  };
}

test("the altered solicitation is valid as long as nothing is altered", () => {
  deepEqual(altered({}), captured.solicitation.slice(14));
});

const discarded = [
  { rule: "hop limit is not 255", field: "hop limit", octets: altered({ packet: { hopLimit: 254 } }) },
  { rule: "code is not 0", field: "code", octets: altered({ payload: with8(1, 1) }) },
  { rule: "target is multicast", field: "target", octets: altered({ payload: with8(8, 0xff) }) },
  { rule: "an option has length zero", field: "option length", octets: altered({ payload: with8(25, 0) }) },
  { rule: "an option reaches over the end", field: "option", octets: altered({ payload: with8(25, 2) }) },
  { rule: "it is shorter than 24 octets", field: "target", octets: altered({ payload: (p) => p.slice(0, 23) }) },
  {
    rule: "source is :: and a source link-layer address is there",
    field: "source link-layer address",
    octets: altered({ packet: { source: unspecified } }),
  },
  {
    rule: "source is :: and destination is no solicited-node group",
    field: "destination",
    octets: altered({ packet: { source: unspecified, destination: target }, payload: (p) => p.slice(0, 24) }),
  },
  { rule: "another upper protocol follows", field: "next header", octets: altered({ packet: { nextHeader: 17 } }) },
  { rule: "it is another ICMPv6 message", field: "type", octets: altered({ payload: with8(0, 134) }) },
];
for (const { rule, field, octets } of discarded) {
  test(`a solicitation is discarded when ${rule} (RFC 4861 §7.1.1)`, () => {
    throws(() => decodeNdp(octets), { name: "CodecError", field });
  });
}

test("an advertisement to a group is discarded when Solicited is set (RFC 4861 §7.1.2)", () => {
  const multicast = encodeNdp({
    source: target,
    destination: group,
    message: { type: "advertisement", router: false, solicited: true, override: false, target },
  });
  throws(() => decodeNdp(multicast), { name: "CodecError", field: "flags" });
});

test("one flipped bit anywhere in the message is seen by the checksum", () => {
  const whole = captured.advertisement.slice(14);
  for (let bit = 8 * 40; bit < 8 * whole.length; bit += 1) {
    const flipped = whole.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (0x80 >>> (bit & 7));
    throws(() => decodeNdp(flipped), CodecError);
  }
});

test("a truncated packet is a CodecError at every length", () => {
  const whole = captured.solicitation.subarray(14);
  for (let length = 0; length < whole.length; length += 1) throws(() => decodeNdp(whole.slice(0, length)), CodecError);
});

test("decoding is the inverse of encoding", () => {
  const ip = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => octets.with(0, 0x20));
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const solicitation = fc.record(
    { type: fc.constant("solicitation" as const), target: ip, sourceLinkLayer: mac },
    { requiredKeys: ["type", "target"] },
  );
  const flag = fc.boolean();
  const advertisement = fc.record(
    {
      type: fc.constant("advertisement" as const),
      router: flag,
      solicited: flag,
      override: flag,
      target: ip,
      targetLinkLayer: mac,
    },
    { requiredKeys: ["type", "router", "solicited", "override", "target"] },
  );
  const packet = fc.record(
    { source: ip, destination: ip, message: fc.oneof(solicitation, advertisement) },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(packet, (value) => deepEqual(decodeNdp(encodeNdp(value)), structuredClone(value))));
});

test("random octets give a packet or a CodecError, nothing else", () => {
  const header = captured.solicitation.subarray(14, 58);
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ maxLength: 80 }).map((tail) => Uint8Array.from([...header, ...tail])),
  );
  fc.assert(
    fc.property(noise, (octets) => {
      try {
        equal(typeof decodeNdp(octets), "object");
      } catch (error) {
        equal(error instanceof CodecError, true);
      }
    }),
    { numRuns: 500 },
  );
});
