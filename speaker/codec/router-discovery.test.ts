import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "./error.ts";
import { icmpv6 } from "./icmpv6.ts";
import { decodeIpv6, encodeIpv6, type Ipv6Packet, pseudoHeaderChecksum } from "./ipv6.ts";
import { fromHex, toHex } from "./octets.ts";
import { decodeRouterDiscovery, encodeRouterDiscovery, type RouterDiscoveryPacket } from "./router-discovery.ts";

const router = fromHex("fe80000000000000000000fffe00000b");
const allNodes = fromHex("ff020000000000000000000000000001");
const allRouters = fromHex("ff020000000000000000000000000002");
const mac = fromHex("02000000000b");

/** Laid out by hand after the figures of RFC 8200 §3 and RFC 4861 §4.2 and §4.6.1. */
const advertisementHex =
  "6000000000183aff fe80000000000000000000fffe00000b ff020000000000000000000000000001" +
  "86000000 40c0001e 00000000 000003e8 0101 02000000000b";
const advertisement: RouterDiscoveryPacket = {
  source: router,
  destination: allNodes,
  message: {
    type: "advertisement",
    curHopLimit: 64,
    managed: true,
    otherConfiguration: true,
    lifetimeSeconds: 30,
    reachableTimeMs: 0,
    retransTimerMs: 1000,
    sourceLinkLayer: mac,
  },
};
const solicitation: RouterDiscoveryPacket = {
  source: router,
  destination: allRouters,
  message: { type: "solicitation", sourceLinkLayer: mac },
};

test("an advertisement is laid out as the RFC draws it (RFC 4861 §4.2)", () => {
  const octets = fromHex(advertisementHex);
  const sum = pseudoHeaderChecksum(router, allNodes, icmpv6, octets.subarray(40));
  octets.set([sum >>> 8, sum & 0xff], 42);
  equal(toHex(encodeRouterDiscovery(advertisement)), toHex(octets));
  deepEqual(decodeRouterDiscovery(octets), advertisement);
});

test("a solicitation is eight octets and its option (RFC 4861 §4.1)", () => {
  const { payload } = decodeIpv6(encodeRouterDiscovery(solicitation));
  equal(toHex(payload.with(2, 0).with(3, 0)), "85000000000000000101" + "02000000000b");
  deepEqual(decodeRouterDiscovery(encodeRouterDiscovery(solicitation)), solicitation);
});

/** A packet with something changed and the checksum made right again. */
function altered(
  whole: RouterDiscoveryPacket,
  change: { readonly packet?: Partial<Ipv6Packet>; readonly payload?: (octets: Uint8Array) => Uint8Array },
): Uint8Array {
  const packet = { ...decodeIpv6(encodeRouterDiscovery(whole)), ...change.packet };
  const payload = (change.payload ?? ((octets) => octets))(packet.payload.slice());
  if (payload.length >= 4) {
    payload.set([0, 0], 2);
    const sum = pseudoHeaderChecksum(packet.source, packet.destination, icmpv6, payload);
    payload.set([sum >>> 8, sum & 0xff], 2);
  }
  return encodeIpv6({ ...packet, payload });
}

const discarded = [
  { rule: "hop limit is not 255", field: "hop limit", octets: altered(advertisement, { packet: { hopLimit: 64 } }) },
  {
    rule: "an advertisement's source is not link-local",
    field: "source",
    octets: altered(advertisement, { packet: { source: fromHex("20010db8000000000000000000000001") } }),
  },
  { rule: "code is not 0", field: "code", octets: altered(advertisement, { payload: (p) => p.with(1, 1) }) },
  {
    rule: "an advertisement is shorter than 16 octets",
    field: "retrans timer",
    octets: altered(advertisement, { payload: (p) => p.slice(0, 15) }),
  },
  {
    rule: "a solicitation is shorter than 8 octets",
    field: "reserved",
    octets: altered(solicitation, { payload: (p) => p.slice(0, 7) }),
  },
  {
    rule: "an option has length zero",
    field: "option length",
    octets: altered(advertisement, { payload: (p) => p.with(17, 0) }),
  },
  { rule: "an option reaches over the end", field: "option", octets: altered(solicitation, { payload: (p) => p.with(9, 2) }) },
  {
    rule: "a solicitation from :: names a link-layer address",
    field: "source link-layer address",
    octets: altered(solicitation, { packet: { source: new Uint8Array(16) } }),
  },
  { rule: "it is a neighbour's message", field: "type", octets: altered(advertisement, { payload: (p) => p.with(0, 135) }) },
  {
    rule: "the checksum is wrong",
    field: "checksum",
    octets: encodeRouterDiscovery(advertisement).with(47, 31),
  },
];
for (const { rule, field, octets } of discarded) {
  test(`it is discarded when ${rule} (RFC 4861 §6.1)`, () => {
    throws(() => decodeRouterDiscovery(octets), { name: "CodecError", field });
  });
}

test("a truncated packet is a CodecError at every length", () => {
  const whole = encodeRouterDiscovery(advertisement);
  for (let length = 0; length < whole.length; length += 1) {
    throws(() => decodeRouterDiscovery(whole.slice(0, length)), CodecError);
  }
});

test("decoding is the inverse of encoding", () => {
  const linkLocal = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => octets.with(0, 0xfe).with(1, 0x80));
  const sourceLinkLayer = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const message = fc.oneof(
    fc.record({ type: fc.constant("solicitation" as const), sourceLinkLayer }, { requiredKeys: ["type"] }),
    fc.record(
      {
        type: fc.constant("advertisement" as const),
        curHopLimit: fc.integer({ min: 0, max: 255 }),
        managed: fc.boolean(),
        otherConfiguration: fc.boolean(),
        lifetimeSeconds: fc.integer({ min: 0, max: 65_535 }),
        reachableTimeMs: u32,
        retransTimerMs: u32,
        sourceLinkLayer,
      },
      {
        requiredKeys: [
          "type",
          "curHopLimit",
          "managed",
          "otherConfiguration",
          "lifetimeSeconds",
          "reachableTimeMs",
          "retransTimerMs",
        ],
      },
    ),
  );
  const packet = fc.record({ source: linkLocal, destination: linkLocal, message });
  fc.assert(
    fc.property(packet, (value) => deepEqual(decodeRouterDiscovery(encodeRouterDiscovery(value)), structuredClone(value))),
  );
});
