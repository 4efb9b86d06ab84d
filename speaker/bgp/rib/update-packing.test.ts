import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, bitsOf, type Family } from "../../../crds/net/address.ts";
import { parsePrefix, prefixOf } from "../../../crds/net/prefix.ts";
import { maxMessageOctets } from "../../codec/bgp/header.ts";
import { encodeMessage } from "../../codec/bgp/message-codec.ts";
import { address, attributesWith } from "../fixture/sample-routes.ts";
import { outgoingAttributes } from "./outgoing-attributes.ts";
import { keyOfPrefix, octetsOfKey } from "./prefix-key.ts";
import { announcementFrame, endOfRib, withdrawalFrames } from "./update-packing.ts";

const fourOctets = { fourOctetAs: true };
const hops: { readonly [family in Family]: readonly Address[] } = { IPv4: [address("10.0.0.1")], IPv6: [address("fd00::1")] };

test("an End-of-RIB has 23 octets for IPv4 and 29 for IPv6 (RFC 4724 §2)", () => {
  equal(encodeMessage(endOfRib("IPv4"), fourOctets).length, 23);
  equal(encodeMessage(endOfRib("IPv6"), fourOctets).length, 29);
});

test("a message filled to its room has at most 4096 octets, and not one prefix more would fit, whatever its attributes", () => {
  const attributes = fc.record({
    communities: fc.nat(900).map((count) => Array.from({ length: count }, (_, i) => `1:${i}`)),
    asPathPrepend: fc.nat(10),
  });
  const kind = fc.constantFrom(["IPv4", "IPv4"], ["IPv4", "IPv6"], ["IPv6", "IPv6"]) as fc.Arbitrary<[Family, Family]>;
  const kinds = fc.tuple(kind, fc.boolean(), fc.constantFrom(64_512, 4_200_000_000), fc.boolean());
  fc.assert(
    fc.property(attributes, kinds, (said, [[family, hop], fourOctetAs, autonomousSystem, internal]) => {
      const all = outgoingAttributes(attributesWith(said), { internal, autonomousSystem });
      const { room, messageWith } = announcementFrame(family, all, hops[hop], { fourOctetAs });
      const host = prefixOf(family, 0n, bitsOf[family]);
      const each = 1 + bitsOf[family] / 8;
      const octets = encodeMessage(messageWith(new Array(Math.floor(room / each)).fill(host)), { fourOctetAs }).length;
      ok(octets <= maxMessageOctets && octets + each > maxMessageOctets - 1, `${octets}`);
    }),
    { numRuns: 60 },
  );
});

test("a full withdrawal has at most 4096 octets, and not one prefix more would fit", () => {
  for (const family of ["IPv4", "IPv6"] as const) {
    const { room, messageWith } = withdrawalFrames[family];
    const each = 1 + bitsOf[family] / 8;
    const host = prefixOf(family, 0n, bitsOf[family]);
    const octets = encodeMessage(messageWith(new Array(Math.floor(room / each)).fill(host)), fourOctets).length;
    ok(octets <= maxMessageOctets && octets + each > maxMessageOctets, `${family} ${octets}`);
  }
});

test("a key tells how many octets its prefix takes", () => {
  const sizes = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/24", "10.0.0.1/32", "fd00::1/128"].map((text) => {
    const prefix = parsePrefix(text);
    return prefix && octetsOfKey(keyOfPrefix(prefix));
  });
  equal(sizes.join(" "), "1 2 3 4 5 17");
});

test("IPv4 routes with an IPv6 next hop are in MP_REACH, with that of IPv4 in the message itself (RFC 8950 §3)", () => {
  const host = prefixOf("IPv4", 1n, 32);
  const classic = announcementFrame("IPv4", {}, hops.IPv4, fourOctets).messageWith([host]);
  const extended = announcementFrame("IPv4", {}, hops.IPv6, fourOctets).messageWith([host]);
  equal(classic.nlri.length, 1);
  equal(classic.attributes.mpReach, undefined);
  equal(extended.nlri.length, 0);
  equal(extended.attributes.nextHop, undefined);
  equal(extended.attributes.mpReach?.afi, 1);
});
