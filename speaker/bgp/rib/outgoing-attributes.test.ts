import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { attributesWith } from "../fixture/sample-routes.ts";
import { outgoingAttributes } from "./outgoing-attributes.ts";

const external = { internal: false, autonomousSystem: 64_512 };
const internal = { internal: true, autonomousSystem: 64_512 };

test("an external peer gets ORIGIN IGP, our AS as the path and MED 0, and never LOCAL_PREF", () => {
  deepEqual(outgoingAttributes(attributesWith({ localPref: 300 }), external), {
    origin: "igp",
    asPath: [{ type: "sequence", autonomousSystems: [64_512] }],
    med: 0,
  });
});

test("an internal peer gets an empty path, prepended or not, and LOCAL_PREF 100 where none is configured", () => {
  deepEqual(outgoingAttributes(attributesWith({ asPathPrepend: 2 }), internal), {
    origin: "igp",
    asPath: [],
    med: 0,
    localPref: 100,
  });
  equal(outgoingAttributes(attributesWith({ localPref: 300 }), internal).localPref, 300);
});

test("the AS is put before the path as often as asked, beside once", () => {
  const { asPath } = outgoingAttributes(attributesWith({ asPathPrepend: 2 }), external);
  deepEqual(asPath, [{ type: "sequence", autonomousSystems: [64_512, 64_512, 64_512] }]);
});

test("communities are told apart by their kind and stay in order, well-known ones too", () => {
  const communities = ["large:1:2:3", "65000:1", "65535:65281"];
  const { communities: standard, largeCommunities } = outgoingAttributes(attributesWith({ communities }), external);
  deepEqual(standard, [0xfde8_0001, 0xffff_ff01]);
  deepEqual(largeCommunities, [{ globalAdministrator: 1, localData1: 2, localData2: 3 }]);
});

test("a path that is about to go has LOCAL_PREF 0 towards internal peers, unless one is configured (RFC 8326 §4.1)", () => {
  const communities = ["65535:0"];
  equal(outgoingAttributes(attributesWith({ communities }), internal).localPref, 0);
  equal(outgoingAttributes(attributesWith({ communities, localPref: 5 }), internal).localPref, 5);
});

test("the link bandwidth is an extended community with our AS and the octets a second as a float", () => {
  const octetsOf = (kind: typeof external) =>
    outgoingAttributes(attributesWith({ linkBandwidth: 1 }), kind).extendedCommunities?.map((octets) => [...octets]);
  deepEqual(octetsOf(external), [[0x00, 0x04, 0xfc, 0x00, 0x3f, 0x80, 0x00, 0x00]]);
  deepEqual(octetsOf(internal), [[0x40, 0x04, 0xfc, 0x00, 0x3f, 0x80, 0x00, 0x00]]);
  deepEqual(octetsOf({ ...external, autonomousSystem: 65_536 })?.[0]?.slice(2, 4), [0x5b, 0xa0]);
  deepEqual(octetsOf({ ...external, autonomousSystem: 65_535 })?.[0]?.slice(2, 4), [0xff, 0xff]);
});
