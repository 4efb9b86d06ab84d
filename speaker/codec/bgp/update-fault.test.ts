import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../octets.ts";
import { internalPeer } from "./fixture/any-message.ts";
import { decodeUpdate, inspectUpdate } from "./update.ts";
import type { UpdateContext } from "./update-context.ts";

const externalPeer: UpdateContext = { ...internalPeer, external: true };
const oldPeer: UpdateContext = { ...internalPeer, fourOctetAs: false };

const origin = "40010100";
const asPath = "40020602010000fc00";
const nextHop = "400304c0000201";
const sound = origin + asPath + nextHop;
/** 198.51.100.7/32. */
const route = "20c6336407";
/** 2001:db8:1::/64 by 2001:db8::1. */
const mpReach = "800e1e 0002 01 10 20010db8000000000000000000000001 00 4020010db800010000";

/** The body of an UPDATE with these parts, lengths put before them. */
function body(attributes: string, nlri = route, withdrawn = ""): Uint8Array {
  const part = (hex: string) => {
    const octets = fromHex(hex);
    return octets.length.toString(16).padStart(4, "0") + toHex(octets);
  };
  return fromHex(part(withdrawn) + part(attributes) + nlri);
}

const withdraw = "treat-as-withdraw";
const discard = "attribute-discard";

for (const { fault, attributes, treatment, says, context = internalPeer } of [
  {
    fault: "ORIGIN of two octets (RFC 7606 §7.1)",
    attributes: `4001020000${asPath}${nextHop}`,
    treatment: withdraw,
    says: /^ORIGIN: has 2/,
  },
  { fault: "ORIGIN 3 (RFC 7606 §7.1)", attributes: `40010103${asPath}${nextHop}`, treatment: withdraw, says: /^ORIGIN: value 3/ },
  {
    fault: "AS_PATH with segment type 5 (RFC 7606 §7.2)",
    attributes: `${origin}40020605010000fc00${nextHop}`,
    treatment: withdraw,
    says: /type 5/,
  },
  {
    fault: "AS_PATH that is overrun (RFC 7606 §7.2)",
    attributes: `${origin}40020602020000fc00${nextHop}`,
    treatment: withdraw,
    says: /over the end/,
  },
  {
    fault: "AS_PATH that is underrun (RFC 7606 §7.2)",
    attributes: `${origin}40020702010000fc0002${nextHop}`,
    treatment: withdraw,
    says: /no length/,
  },
  {
    fault: "AS_PATH with an empty segment (RFC 7606 §7.2)",
    attributes: `${origin}4002020200${nextHop}`,
    treatment: withdraw,
    says: /empty/,
  },
  {
    fault: "AS 0 in AS_PATH (RFC 7607 §2)",
    attributes: `${origin}400206020100000000${nextHop}`,
    treatment: withdraw,
    says: /AS 0/,
  },
  {
    fault: "NEXT_HOP of 16 octets (RFC 7606 §7.3)",
    attributes: `${origin}${asPath}400310${"00".repeat(16)}`,
    treatment: withdraw,
    says: /^NEXT_HOP/,
  },
  {
    fault: "MULTI_EXIT_DISC of 3 octets (RFC 7606 §7.4)",
    attributes: `${sound}800403000000`,
    treatment: withdraw,
    says: /^MULTI_EXIT/,
  },
  {
    fault: "LOCAL_PREF of 5 octets (RFC 7606 §7.5)",
    attributes: `${sound}4005050000000000`,
    treatment: withdraw,
    says: /^LOCAL_PREF/,
  },
  {
    fault: "LOCAL_PREF of another AS, whatever it says (RFC 7606 §7.5)",
    attributes: `${sound}4005050000000000`,
    treatment: discard,
    says: /^LOCAL_PREF: comes from a peer of another AS/,
    context: externalPeer,
  },
  {
    fault: "ATOMIC_AGGREGATE that holds something (RFC 7606 §7.6)",
    attributes: `${sound}40060100`,
    treatment: discard,
    says: /^ATOMIC/,
  },
  {
    fault: "AGGREGATOR of 6 octets from a new peer (RFC 7606 §7.7)",
    attributes: `${sound}c00706fc00c0000201`,
    treatment: discard,
    says: /not 8/,
  },
  { fault: "AGGREGATOR of AS 0 (RFC 7607 §2)", attributes: `${sound}c0070800000000c0000201`, treatment: discard, says: /AS 0/ },
  { fault: "COMMUNITIES without one (RFC 7606 §7.8)", attributes: `${sound}c00800`, treatment: withdraw, says: /^COMMUNITIES/ },
  {
    fault: "COMMUNITIES of 6 octets (RFC 7606 §7.8)",
    attributes: `${sound}c00806fc000064fc00`,
    treatment: withdraw,
    says: /^COMMUNITIES/,
  },
  {
    fault: "ORIGINATOR_ID of 3 octets (RFC 7606 §7.9)",
    attributes: `${sound}800903c00002`,
    treatment: withdraw,
    says: /^ORIGINATOR_ID/,
  },
  {
    fault: "ORIGINATOR_ID of another AS (RFC 7606 §7.9)",
    attributes: `${sound}800904c0000201`,
    treatment: discard,
    says: /another AS/,
    context: externalPeer,
  },
  {
    fault: "CLUSTER_LIST of 5 octets (RFC 7606 §7.10)",
    attributes: `${sound}800a05c000020100`,
    treatment: withdraw,
    says: /^CLUSTER_LIST/,
  },
  {
    fault: "EXTENDED_COMMUNITIES of 7 octets (RFC 7606 §7.14)",
    attributes: `${sound}c0100700000000000000`,
    treatment: withdraw,
    says: /^EXTENDED/,
  },
  {
    fault: "LARGE_COMMUNITY of 8 octets (RFC 8092 §6)",
    attributes: `${sound}c020080000fc0000000001`,
    treatment: withdraw,
    says: /^LARGE/,
  },
  {
    fault: "AS4_PATH of a new peer (RFC 6793 §4.1)",
    attributes: `${sound}c011060201fa56ea00`,
    treatment: discard,
    says: /^AS4_PATH/,
  },
  {
    fault: "AS4_PATH without a segment (RFC 6793 §6)",
    attributes: `${origin}4002040201fc00${nextHop}c01100`,
    treatment: discard,
    says: /^AS4_PATH: has 0 octets/,
    context: oldPeer,
  },
  {
    fault: "AS4_PATH that is overrun (RFC 6793 §6)",
    attributes: `${origin}4002040201fc00${nextHop}c011060202fa56ea00`,
    treatment: discard,
    says: /^AS4_PATH/,
    context: oldPeer,
  },
  {
    fault: "ORIGIN with the flags of an optional attribute (RFC 7606 §3 c)",
    attributes: `80010100${asPath}${nextHop}`,
    treatment: withdraw,
    says: /flags/,
  },
  { fault: "no ORIGIN (RFC 7606 §3 d)", attributes: asPath + nextHop, treatment: withdraw, says: /^ORIGIN: is missing/ },
  { fault: "no AS_PATH (RFC 7606 §3 d)", attributes: origin + nextHop, treatment: withdraw, says: /^AS_PATH: is missing/ },
  { fault: "no NEXT_HOP (RFC 7606 §3 d)", attributes: origin + asPath, treatment: withdraw, says: /^NEXT_HOP: is missing/ },
  {
    fault: "an attribute that stands twice (RFC 7606 §3 g)",
    attributes: sound + origin,
    treatment: discard,
    says: /^ORIGIN: stands twice/,
  },
  {
    fault: "a well-known attribute that is unknown",
    attributes: `${sound}40630100`,
    treatment: withdraw,
    says: /^attribute 99: is well-known/,
  },
  {
    fault: "an attribute that reaches over the end (RFC 7606 §4)",
    attributes: `${sound}c00808fc000064`,
    treatment: withdraw,
    says: /^COMMUNITIES: reaches/,
  },
  {
    fault: "half the head of an attribute (RFC 7606 §4)",
    attributes: `${sound}c0`,
    treatment: withdraw,
    says: /^an attribute: reaches/,
  },
])
  test(`${fault}: ${treatment}`, () => {
    const decoded = inspectUpdate(body(attributes), context);
    ok(decoded.ok, "session reset");
    equal(decoded.value.fault?.treatment, treatment);
    ok(says.test(decoded.value.fault?.problem ?? ""), decoded.value.fault?.problem);
    const lost = treatment === withdraw;
    deepEqual([decoded.value.announced, decoded.value.withdrawn], lost ? [0, 1] : [1, 0]);
  });

for (const { fault, octets, code, data = "" } of [
  {
    fault: "withdrawn routes that are longer than the message (RFC 4271 §6.3)",
    octets: fromHex("0005 18cb0071 0000"),
    code: "3/1",
  },
  { fault: "attributes that are longer than the message (RFC 4271 §6.3)", octets: fromHex("0000 0005 40010100"), code: "3/1" },
  { fault: "MP_REACH_NLRI that stands twice (RFC 7606 §3 g)", octets: body(mpReach + mpReach + sound), code: "3/1" },
  { fault: "MP_UNREACH_NLRI that stands twice (RFC 7606 §3 g)", octets: body("800f03000201".repeat(2), ""), code: "3/1" },
  {
    fault: "MP_REACH_NLRI of four octets (RFC 7606 §7.11)",
    octets: body(`800e0400020110${sound}`),
    code: "3/9",
    data: "800e0400020110",
  },
  {
    fault: "a next hop of 8 octets for IPv6 (RFC 7606 §7.11)",
    octets: body(`800e0d00020108${"00".repeat(9)}${sound}`, ""),
    code: "3/9",
    data: `800e0d00020108${"00".repeat(9)}`,
  },
  { fault: "MP_UNREACH_NLRI of two octets (RFC 7606 §7.12)", octets: body("800f020002", ""), code: "3/9", data: "800f020002" },
  { fault: "a prefix of 33 bits (RFC 7606 §5.3)", octets: body(sound, "21c633640700"), code: "3/10" },
  { fault: "a prefix that is cut off (RFC 7606 §5.3)", octets: body(sound, "20c63364"), code: "3/10" },
  { fault: "a withdrawn prefix of 33 bits (RFC 7606 §5.3)", octets: body("", "", "21c633640700"), code: "3/10" },
  { fault: "an IPv6 prefix of 129 bits (RFC 7606 §5.3)", octets: body(`800f15 000201 81${"00".repeat(17)}`, ""), code: "3/9" },
  {
    fault: "a fault where there are no routes to withdraw (RFC 7606 §5.2)",
    octets: body("40010103", ""),
    code: "3/6",
    data: "40010103",
  },
  {
    fault: "a fault beside withdrawn routes alone (RFC 7606 §5.2)",
    octets: body("40010103", "", route),
    code: "3/6",
    data: "40010103",
  },
])
  test(`${fault}: the session ends with ${code}`, () => {
    for (const decoded of [inspectUpdate(octets, internalPeer), decodeUpdate(octets, internalPeer)]) {
      ok(!decoded.ok);
      deepEqual([`${decoded.error.code}/${decoded.error.subcode}`, toHex(decoded.error.data)], [code, data]);
    }
  });

test("of several faults the worst one decides (RFC 7606 §3 h)", () => {
  const decoded = inspectUpdate(body(`${sound}40060100800403000000`), internalPeer);
  equal(decoded.ok && decoded.value.fault?.problem, "MULTI_EXIT_DISC: has 3 octets, not 4");
});

test("MP_UNREACH_NLRI alone, with wrong flags, withdraws", () => {
  const decoded = inspectUpdate(body("c00f0c 0002 01 4020010db800010000", ""), internalPeer);
  ok(decoded.ok);
  deepEqual([decoded.value.withdrawn, decoded.value.fault?.treatment], [1, withdraw]);
});

test("routes of another family count as routes where a fault needs some to withdraw", () => {
  const ipv6 = inspectUpdate(body(`${mpReach}${asPath}`, ""), internalPeer);
  deepEqual(ipv6.ok && [ipv6.value.withdrawn, ipv6.value.fault?.problem], [1, "ORIGIN: is missing"]);
  const notNegotiated = inspectUpdate(body(`${mpReach}40010103`, ""), { ...internalPeer, families: [] });
  deepEqual(notNegotiated.ok && notNegotiated.value.fault?.treatment, withdraw);
});

test("an attribute that is discarded is not in the message", () => {
  const decoded = decodeUpdate(body(`${sound}40060100`), internalPeer);
  ok(decoded.ok);
  deepEqual(Object.keys(decoded.value.message.attributes).sort(), ["asPath", "nextHop", "origin"]);
});
