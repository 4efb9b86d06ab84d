import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prefixOf } from "../../../crds/net/prefix.ts";
import { fromHex, toHex } from "../octets.ts";
import { anyUpdate, internalPeer } from "./fixture/any-message.ts";
import { ipv4Unicast, ipv6Unicast } from "./registry.ts";
import { decodeUpdate, encodeUpdate, inspectUpdate } from "./update.ts";
import type { UpdateContext } from "./update-context.ts";

const wide = { fourOctetAs: true };
const ipv4Peer: UpdateContext = { ...internalPeer, families: [ipv4Unicast] };
const ipv6Peer: UpdateContext = { ...internalPeer, families: [ipv6Unicast] };

test("inspecting counts what decoding builds", () => {
  fc.assert(
    fc.property(anyUpdate, (message) => {
      const octets = encodeUpdate(message, wide);
      const { mpReach, mpUnreach } = message.attributes;
      const inspected = inspectUpdate(octets, internalPeer);
      ok(inspected.ok);
      equal(inspected.value.announced, message.nlri.length + (mpReach?.nlri.length ?? 0));
      equal(inspected.value.withdrawn, message.withdrawn.length + (mpUnreach?.withdrawn.length ?? 0));
      const decoded = decodeUpdate(octets, internalPeer);
      deepEqual(decoded.ok && decoded.value.summary, inspected.value);
    }),
  );
});

for (const { what, hex, context, family } of [
  { what: "an empty UPDATE", hex: "0000 0000", context: internalPeer, family: ipv4Unicast },
  { what: "an empty MP_UNREACH_NLRI alone", hex: "0000 0006 800f03000201", context: internalPeer, family: ipv6Unicast },
  { what: "an empty MP_UNREACH_NLRI of IPv4", hex: "0000 0006 800f03000101", context: internalPeer, family: ipv4Unicast },
  { what: "an empty MP_UNREACH_NLRI with something beside it", hex: "0000 000a 800f03000201 40010100", context: internalPeer },
  { what: "an MP_UNREACH_NLRI with a route", hex: "0000 0007 800f0400020100", context: internalPeer },
  { what: "an empty UPDATE where IPv4 was not negotiated", hex: "0000 0000", context: ipv6Peer },
  { what: "an empty MP_UNREACH_NLRI of a family that was not negotiated", hex: "0000 0006 800f03000201", context: ipv4Peer },
])
  test(`${what} is ${family === undefined ? "no End-of-RIB" : `End-of-RIB of AFI ${family.afi}`} (RFC 4724 §2)`, () => {
    const inspected = inspectUpdate(fromHex(hex), context);
    ok(inspected.ok);
    deepEqual(inspected.value.endOfRib, family);
  });

test("routes of a family that was not negotiated are left alone, whatever they are", () => {
  const attribute = "800e070002010000ffff";
  const decoded = decodeUpdate(fromHex(`0000 000a ${attribute}`), ipv4Peer);
  ok(decoded.ok);
  deepEqual([decoded.value.summary.announced, decoded.value.message.attributes.mpReach], [0, undefined]);
  deepEqual(decoded.value.message.attributes.other, [{ flags: 0x80, code: 14, value: fromHex("00020100 00ffff") }]);
  const classic = inspectUpdate(fromHex("0002 ffff 0000 ff"), ipv6Peer);
  deepEqual(classic.ok && classic.value, { announced: 0, withdrawn: 0 });
});

test("MP_REACH_NLRI and MP_UNREACH_NLRI stand first, the others by their code (RFC 7606 §5.1, RFC 4271 §5)", () => {
  fc.assert(
    fc.property(anyUpdate, (message) => {
      const octets = encodeUpdate(message, { fourOctetAs: false });
      const start = 2 + (octets[0] ?? 0) * 256 + (octets[1] ?? 0);
      const end = start + 2 + (octets[start] ?? 0) * 256 + (octets[start + 1] ?? 0);
      const codes: number[] = [];
      for (let at = start + 2; at < end; ) {
        codes.push(octets[at + 1] ?? 0);
        const extended = ((octets[at] ?? 0) & 0x10) !== 0;
        const length = extended ? (octets[at + 2] ?? 0) * 256 + (octets[at + 3] ?? 0) : (octets[at + 2] ?? 0);
        at += (extended ? 4 : 3) + length;
      }
      const mp = codes.filter((code) => code === 14 || code === 15);
      const others = codes.filter((code) => code !== 14 && code !== 15);
      deepEqual(codes, [...mp.toSorted((a, b) => a - b), ...others.toSorted((a, b) => a - b)]);
    }),
  );
});

test("empty lists of communities are not written", () => {
  const attributes = { communities: [], largeCommunities: [], extendedCommunities: [] };
  equal(toHex(encodeUpdate({ type: "update", withdrawn: [], attributes, nlri: [] }, wide)), "00000000");
});

test("a part that no length can tell is refused in words", () => {
  const withdrawn = Array.from({ length: 13200 }, (_, i) => prefixOf("IPv4", BigInt(i), 32));
  throws(
    () => encodeUpdate({ type: "update", withdrawn, attributes: {}, nlri: [] }, wide),
    /a part of 66000 octets does not fit/,
  );
});

for (const { what, message, says } of [
  {
    what: "an IPv6 route among the IPv4 ones",
    message: { attributes: {}, nlri: [prefixOf("IPv6", 0n, 0)] },
    says: /::\/0 stands among routes of IPv4/,
  },
  {
    what: "an IPv6 NEXT_HOP",
    message: { attributes: { nextHop: { family: "IPv6", bits: 1n } }, nlri: [] },
    says: /NEXT_HOP has 16 octets, not 4/,
  },
  {
    what: "an extended community of 7 octets",
    message: { attributes: { extendedCommunities: [new Uint8Array(7)] }, nlri: [] },
    says: /an extended community has 7 octets, not 8/,
  },
  {
    what: "routes of another kind",
    message: { attributes: { mpUnreach: { afi: 1, safi: 128, withdrawn: [] } }, nlri: [] },
    says: /routes of AFI 1 SAFI 128 cannot be written/,
  },
] as const)
  test(`${what} is refused in words`, () => {
    throws(() => encodeUpdate({ type: "update", withdrawn: [], ...message }, wide), says);
  });
