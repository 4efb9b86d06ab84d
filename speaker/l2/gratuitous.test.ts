import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../codec/octets.ts";
import { eth0, eth1, Segment } from "./fake/segment.ts";
import type { WireLink } from "./link-selection.ts";

test("an IPv4 address has five rounds of a request and a reply, 1.1 s apart", () => {
  const segment = new Segment();
  segment.announce("192.0.2.2");
  segment.runUntil(60_000);
  deepEqual(segment.times(), [0, 1100, 2200, 3300, 4400]);
  equal(segment.frames.length, 10);
  deepEqual(segment.frames.slice(0, 2).map(toHex), [
    "ffffffffffff02000000000108060001080006040001020000000001c0000202ffffffffffffc0000202",
    "ffffffffffff02000000000108060001080006040002020000000001c0000202ffffffffffffc0000202",
  ]);
});

test("an IPv6 address has five advertisements to all nodes, Override and not Solicited (RFC 4861 §7.2.6)", () => {
  const segment = new Segment();
  segment.announce("2001:db8::2");
  segment.runUntil(60_000);
  deepEqual(segment.times(), [0, 1100, 2200, 3300, 4400]);
  equal(segment.frames.length, 5);
  equal(
    toHex(segment.frames[0] ?? new Uint8Array()),
    "33330000000102000000000186dd6000000000203afffe800000000000000000000000000001ff020000000000000000000000000001" +
      "880028622000000020010db80000000000000000000000020201020000000001",
  );
});

test("announcing again while rounds run adds no round at once, but lets them go on for 5 s", () => {
  const segment = new Segment();
  segment.announce("192.0.2.2");
  segment.runUntil(3000);
  segment.announce("192.0.2.2");
  segment.runUntil(60_000);
  deepEqual(segment.times(), [0, 1100, 2200, 3300, 4400, 5500, 6600, 7700]);
});

test("announcing again after the rounds are over starts them anew", () => {
  const segment = new Segment();
  segment.announce("192.0.2.2");
  segment.runUntil(20_000);
  segment.announce("192.0.2.2");
  segment.runUntil(20_000);
  equal(segment.times().at(-1), 20_000);
});

test("an address that is announced no more gets no further round", () => {
  const segment = new Segment();
  segment.announce("192.0.2.2");
  segment.runUntil(2000);
  segment.table.delete("192.0.2.2");
  segment.runUntil(60_000);
  deepEqual(segment.times(), [0, 1100]);
});

test("an address that was withdrawn and comes back is announced at once", () => {
  const segment = new Segment();
  segment.announce("192.0.2.2");
  segment.runUntil(500);
  segment.table.delete("192.0.2.2");
  segment.schedule.withdraw("192.0.2.2");
  segment.runUntil(600);
  segment.announce("192.0.2.2");
  segment.runUntil(60_000);
  deepEqual(segment.times(), [0, 600, 1700, 2800, 3900, 5000]);
});

test("an address is announced on its own interfaces only, and where its family is answered", () => {
  const noNdp: WireLink = { ...eth1, index: 4, name: "eth2", linkLocal: undefined };
  const noArp: WireLink = { ...eth1, index: 5, name: "eth3", arp: false };
  const segment = new Segment({}, [eth0, eth1, noNdp, noArp]);
  segment.announce("192.0.2.2", "eth1", "eth3");
  segment.announce("2001:db8::2");
  segment.runUntil(0);
  deepEqual(segment.log.toSorted(), [
    "0 eth0 2001:db8::2",
    "0 eth1 192.0.2.2",
    "0 eth1 192.0.2.2",
    "0 eth1 2001:db8::2",
    "0 eth3 2001:db8::2",
  ]);
});

test("an interface that the address no longer has is skipped, a new one starts at once", () => {
  const segment = new Segment({}, [eth0, eth1]);
  segment.announce("2001:db8::2", "eth0");
  segment.runUntil(500);
  segment.announce("2001:db8::2", "eth1");
  segment.runUntil(1700);
  deepEqual(segment.log, ["0 eth0 2001:db8::2", "500 eth1 2001:db8::2", "1600 eth1 2001:db8::2"]);
});

for (const { rule, links } of [
  { rule: "has its carrier back", links: [[{ ...eth0, carrier: false }], [eth0]] },
  { rule: "went and came back", links: [[], [eth0]] },
  { rule: "has another hardware address", links: [[{ ...eth0, mac: fromHex("020000000009") }]] },
]) {
  test(`every address is announced on a link that ${rule}`, () => {
    const segment = new Segment();
    segment.announce("2001:db8::2");
    segment.runUntil(20_000);
    const before = segment.log.length;
    for (const each of links) segment.schedule.setLinks(each, 20_000);
    segment.runUntil(20_000);
    deepEqual(segment.log.slice(before), ["20000 eth0 2001:db8::2"]);
  });
}

test("links that stay the same start no burst", () => {
  const segment = new Segment();
  segment.announce("2001:db8::2");
  segment.runUntil(20_000);
  const before = segment.log.length;
  segment.schedule.setLinks([{ ...eth0, mac: eth0.mac.slice() }], 20_000);
  segment.runUntil(40_000);
  equal(segment.log.length, before);
});

test("a periodic refresh is one round for every address, and none at interval 0", () => {
  const segment = new Segment({ refreshIntervalMs: 30_000 });
  segment.announce("2001:db8::2");
  segment.runUntil(70_000);
  deepEqual(segment.times().slice(5), [30_000, 60_000]);
});

test("announcing all starts a burst for every address", () => {
  const segment = new Segment();
  segment.announce("2001:db8::2");
  segment.announce("2001:db8::3");
  segment.runUntil(20_000);
  segment.schedule.announceAll();
  segment.runUntil(20_000);
  deepEqual(segment.log.slice(-2), ["20000 eth0 2001:db8::2", "20000 eth0 2001:db8::3"]);
});

test("addresses of other interfaces do not keep an address from being announced again", () => {
  const segment = new Segment();
  for (let i = 0; i < 1000; i += 1) segment.announce(`10.0.${i >>> 8}.${i & 255}`, "eth1");
  segment.announce("192.0.2.2");
  segment.runUntil(20_000);
  segment.schedule.announceAll();
  segment.runUntil(20_200);
  deepEqual(
    segment.log.slice(-2).map((line) => line.split(" ")[2]),
    ["192.0.2.2", "192.0.2.2"],
  );
  equal(segment.log.length, 12);
});

/** 2,500 IPv4 addresses on one link, 1,000 frames a second. */
function crowd(): Segment {
  const segment = new Segment();
  for (let i = 0; i < 2500; i += 1) segment.announce(`10.0.${i >>> 8}.${i & 255}`);
  segment.runUntil(60_000);
  return segment;
}

test("no second holds more frames than the pace, apart from the first tenth", () => {
  const perSecond = new Map<number, number>();
  for (const line of crowd().log) {
    const second = Math.floor(Number.parseInt(line, 10) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  for (const [second, count] of perSecond)
    equal(count <= (second === 0 ? 1101 : 1002), true, `${count} frames in second ${second}`);
});

test("every address has its first frame before any has its second", () => {
  const seen = new Set(
    crowd()
      .log.slice(0, 2500)
      .map((line) => line.split(" ")[2]),
  );
  equal(seen.size, 2500);
});

test("pacing takes no round from any address", () => {
  const count = new Map<string, number>();
  for (const line of crowd().log) {
    const text = line.split(" ")[2] ?? "";
    count.set(text, (count.get(text) ?? 0) + 1);
  }
  deepEqual([...new Set(count.values())], [10]);
});

test("an address that has just come has all its rounds in time while thousands are announced again", () => {
  const segment = crowd();
  segment.schedule.announceAll();
  segment.runUntil(60_500);
  segment.announce("192.0.2.2");
  segment.runUntil(120_000);
  const mine = segment.log.filter((line) => line.endsWith(" 192.0.2.2")).map((line) => Number.parseInt(line, 10));
  const rounds = [60_500, 61_600, 62_700, 63_800, 64_900];
  equal(mine.length >= 10, true);
  for (const [i, at] of mine.slice(0, 10).entries()) {
    const due = rounds[Math.floor(i / 2)] ?? 0;
    equal(at >= due && at <= due + 60, true, `${at} instead of ${due}`);
  }
});

test("announcing all again and again, faster than the pace allows, leaves no address out", () => {
  const segment = crowd();
  const before = segment.log.length;
  for (let now = 60_000; now < 66_000; now += 500) {
    segment.schedule.announceAll();
    segment.runUntil(now + 500);
  }
  const seen = new Set(segment.log.slice(before).map((line) => line.split(" ")[2]));
  equal(seen.size, 2500);
});

test("the pace is used up: 2,500 first frames are out within 2.5 s", () => {
  const last = Number.parseInt(crowd().log[2499] ?? "", 10);
  equal(last <= 2500, true, `${last} ms`);
});
