import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeMembershipHeader, type MembershipHeader } from "../../codec/membership-frame.ts";
import { PacketHead } from "./packet-head.ts";

const header: MembershipHeader = {
  version: 1,
  sealing: "sealed",
  sender: "node-1",
  startId: "000102030405060708090a0b0c0d0e0f",
  counter: 7,
};
const cluster = Buffer.from("uid");

function packet(changes: Partial<MembershipHeader> = {}): Uint8Array {
  return Buffer.concat([encodeMembershipHeader({ ...header, ...changes }), Buffer.from("body")]);
}

test("a head stands on all packets of its start, and tells their counters", () => {
  const head = new PacketHead(encodeMembershipHeader(header), cluster);
  fc.assert(
    fc.property(fc.maxSafeNat(), (counter) => {
      equal(head.standsOn(packet({ counter })), true);
      equal(head.counterOf(packet({ counter })), counter);
      deepEqual(Buffer.from(head.coveredWith(counter)), Buffer.concat([encodeMembershipHeader({ ...header, counter }), cluster]));
      deepEqual(Buffer.from(head.head), Buffer.from(encodeMembershipHeader({ ...header, counter })));
    }),
  );
});

test("a head stands on no packet of another node, start or sealing, and on none that is cut off", () => {
  const head = new PacketHead(encodeMembershipHeader(header), cluster);
  const startId = "f00102030405060708090a0b0c0d0e0f";
  for (const other of [{ sender: "node-2" }, { sender: "node-10" }, { startId }, { sealing: "plain" }] as const)
    equal(head.standsOn(packet(other)), false);
  for (let length = 0; length < head.length; length += 1) equal(head.standsOn(packet().subarray(0, length)), false);
});
