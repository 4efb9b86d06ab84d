import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parsePrefix } from "../../crds/net/prefix.ts";
import type { UpdateMessage } from "../codec/bgp/message.ts";
import type { PathAttributes } from "../codec/bgp/path-attribute.ts";
import { address, attributesWith } from "./fixture/sample-routes.ts";
import { outgoingAttributes } from "./outgoing-attributes.ts";
import { announcementFrame, endOfRib, withdrawalFrames } from "./update-packing.ts";
import { maxMessageOctets, updateOctets } from "./update-size.ts";

const fourOctets = { fourOctetAs: true };
const twoOctets = { fourOctetAs: false };

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`${text} is no prefix`);
  return parsed;
}

function update(attributes: PathAttributes, rest: Partial<UpdateMessage> = {}): UpdateMessage {
  return { type: "update", withdrawn: [], attributes, nlri: [], ...rest };
}

test("an End-of-RIB has 23 octets for IPv4 and 29 for IPv6 (RFC 4724 §2)", () => {
  equal(updateOctets(endOfRib("IPv4"), fourOctets), 23);
  equal(updateOctets(endOfRib("IPv6"), fourOctets), 29);
});

test("a prefix takes one octet and those that hold its bits", () => {
  const sizes = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/24", "10.0.0.1/32"].map(
    (text) => updateOctets(update({}, { withdrawn: [prefix(text)] }), fourOctets) - 23,
  );
  equal(sizes.join(" "), "1 2 3 4 5");
});

const attributeSizes: readonly [string, PathAttributes, number][] = [
  ["ORIGIN", { origin: "igp" }, 4],
  ["an empty AS_PATH", { asPath: [] }, 3],
  ["an AS_PATH of one", { asPath: [{ type: "sequence", autonomousSystems: [1] }] }, 9],
  ["NEXT_HOP", { nextHop: address("10.0.0.1") }, 7],
  ["a MED of 0", { med: 0 }, 7],
  ["a LOCAL_PREF of 0", { localPref: 0 }, 7],
  ["63 communities", { communities: new Array<number>(63).fill(1) }, 255],
  ["64 communities, whose length takes two octets", { communities: new Array<number>(64).fill(1) }, 260],
  ["a large community", { largeCommunities: [{ globalAdministrator: 1, localData1: 1, localData2: 1 }] }, 15],
  ["an extended community", { extendedCommunities: [new Uint8Array(8)] }, 11],
  [
    "MP_REACH with two next hops and one route",
    { mpReach: { afi: 2, safi: 1, nextHops: [address("fd00::1"), address("fe80::1")], nlri: [prefix("fd00::2/128")] } },
    57,
  ],
];
for (const [name, attributes, octets] of attributeSizes)
  test(`${name} takes ${octets} octets`, () => equal(updateOctets(update(attributes), fourOctets) - 23, octets));

test("towards a peer without AS numbers of four octets a path has two each, and AS4_PATH beside it where one is larger", () => {
  const pathOf = (number: number) => update({ asPath: [{ type: "sequence", autonomousSystems: [number] }] });
  equal(updateOctets(pathOf(64_512), twoOctets) - 23, 7);
  equal(updateOctets(pathOf(4_200_000_000), twoOctets) - 23, 7 + 9);
});

test("a full message has at most 4096 octets, and not one prefix more would fit", () => {
  const attributes = outgoingAttributes(attributesWith({ communities: ["1:1"] }), { internal: false, autonomousSystem: 1 });
  const hops = { IPv4: [address("10.0.0.1")], IPv6: [address("fd00::1")] };
  const hosts = { IPv4: prefix("10.0.0.1/32"), IPv6: prefix("fd00::1/128") };
  const hostOctets = { IPv4: 5, IPv6: 17 };
  const frames = [
    ["IPv4", announcementFrame("IPv4", attributes, hops.IPv4, fourOctets)],
    ["IPv4", announcementFrame("IPv4", attributes, hops.IPv6, fourOctets)],
    ["IPv6", announcementFrame("IPv6", attributes, hops.IPv6, fourOctets)],
    ["IPv4", withdrawalFrames.IPv4],
    ["IPv6", withdrawalFrames.IPv6],
  ] as const;
  for (const [family, { room, messageWith }] of frames) {
    const count = Math.floor(room / hostOctets[family]);
    const octets = updateOctets(messageWith(new Array(count).fill(hosts[family])), fourOctets);
    ok(octets <= maxMessageOctets && octets + hostOctets[family] > maxMessageOctets, `${family} ${octets}`);
  }
});

test("IPv4 routes with an IPv6 next hop are in MP_REACH, with that of IPv4 in the message itself (RFC 8950 §3)", () => {
  const host = prefix("10.0.0.1/32");
  const classic = announcementFrame("IPv4", {}, [address("10.0.0.1")], fourOctets).messageWith([host]);
  const extended = announcementFrame("IPv4", {}, [address("fe80::1")], fourOctets).messageWith([host]);
  equal(classic.nlri.length, 1);
  equal(classic.attributes.mpReach, undefined);
  equal(extended.nlri.length, 0);
  equal(extended.attributes.nextHop, undefined);
  equal(extended.attributes.mpReach?.afi, 1);
});
