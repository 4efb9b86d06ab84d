import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { decodeArp } from "../../codec/arp.ts";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { decodeNdp } from "../../codec/ndp.ts";
import { fromHex, toHex } from "../../codec/octets.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import type { WireLink } from "../link-selection.ts";
import { AddressProbes } from "./address-probes.ts";

const linkLocal = fromHex("fe800000000000000000000000000001");
const eth0: WireLink = { index: 2, name: "eth0", mac: fromHex("020000000001"), carrier: true, arp: true, linkLocal };
const eth1: WireLink = { ...eth0, index: 3, name: "eth1" };
const none: ReadonlySet<number> = new Set();

function announcement(text: string, ...interfaces: readonly string[]): L2Announcement {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return { address, interfaces };
}

test("an IPv4 address is asked for three times in the time, by probes without a sender address (RFC 5227 §2.1.1)", () => {
  const probes = new AddressProbes(150);
  probes.start(announcement("192.0.2.2"));
  const at: number[] = [];
  for (let now = 0; now <= 200; now += 10) {
    const { frames, finished } = probes.tick([eth0], now);
    for (const { frame } of frames) {
      at.push(now);
      const { senderIp, senderMac, targetIp, targetMac } = decodeArp(frame.subarray(14));
      deepEqual([senderIp, senderMac, targetIp, targetMac].map(toHex), ["00000000", "020000000001", "c0000202", "000000000000"]);
    }
    if (finished.length > 0) deepEqual([now, finished], [150, [{ ip: "192.0.2.2", sightings: [] }]]);
  }
  deepEqual(at, [0, 50, 100]);
  equal(probes.nextAt(), undefined);
});

test("an IPv6 address is asked for from the link-local address, so that a host that is about to take it is not stopped", () => {
  const probes = new AddressProbes(150);
  probes.start(announcement("2001:db8::2"));
  const [asked] = probes.tick([eth0], 0).frames;
  ok(asked !== undefined);
  const { source, message } = decodeNdp(asked.frame.subarray(14));
  deepEqual([toHex(source), message.type], [toHex(linkLocal), "solicitation"]);
});

test("an address is asked for on its interfaces alone, where they have a carrier", () => {
  const linksOf = (one: L2Announcement, links: readonly WireLink[]) => {
    const probes = new AddressProbes(150);
    probes.start(one);
    return probes.tick(links, 0).frames.map(({ link }) => link);
  };
  deepEqual(linksOf(announcement("192.0.2.2"), [eth0, eth1]), ["eth0", "eth1"]);
  deepEqual(linksOf(announcement("192.0.2.2", "eth1"), [eth0, eth1]), ["eth1"]);
  deepEqual(linksOf(announcement("192.0.2.2"), [{ ...eth0, carrier: false }]), []);
});

test("who answers within the time is named, this node's own interfaces and answers for other addresses are not", () => {
  const probes = new AddressProbes(150);
  probes.hear(eth0, captured.arpReply, none);
  for (const ip of ["192.0.2.2", "192.0.2.3"]) probes.start(announcement(ip));
  probes.tick([eth0], 0);
  probes.hear(eth0, captured.arpReply, none);
  probes.hear(eth0, captured.arpReply, none);
  const { finished } = probes.tick([eth0], 150);
  const sighting = { ip: "192.0.2.2", mac: "02:00:00:00:00:0b", form: "arp-reply", interface: "eth0" };
  deepEqual(finished, [
    { ip: "192.0.2.2", sightings: [sighting] },
    { ip: "192.0.2.3", sightings: [] },
  ]);
  probes.start(announcement("192.0.2.2"));
  probes.tick([eth0], 200);
  probes.hear(eth0, captured.arpReply, new Set([0x02000000000b]));
  deepEqual(probes.tick([eth0], 400).finished, [{ ip: "192.0.2.2", sightings: [] }]);
});

test("many addresses are asked for at the pace of 400 frames a second, and what is one too many is let through", () => {
  const probes = new AddressProbes(150);
  for (let i = 0; i < 2500; i += 1) probes.start(announcement(`10.0.${i >> 8}.${i & 0xff}`));
  let finished = probes.tick([eth0], 0).finished.length;
  equal(finished, 500);
  let frames = 0;
  for (let now = 10; now <= 1000; now += 10) {
    const step = probes.tick([eth0], now);
    frames += step.frames.length;
    finished += step.finished.length;
  }
  ok(frames > 360 && frames <= 440, `${frames}`);
  ok(finished >= 600 && finished <= 640);
});

test("an address that is asked for already is not asked for twice", () => {
  const probes = new AddressProbes(150);
  for (let i = 0; i < 3; i += 1) probes.start(announcement("192.0.2.2"));
  equal(probes.tick([eth0], 0).frames.length, 1);
  probes.start(announcement("192.0.2.2"));
  equal(probes.tick([eth0], 10).frames.length, 0);
});
