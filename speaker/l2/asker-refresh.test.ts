import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../codec/octets.ts";
import { AskerRefresh } from "./asker-refresh.ts";
import { eth0, eth1, Segment } from "./fake/segment.ts";
import { RecentAskers } from "./recent-askers.ts";

const hour = 3_600_000;

/** A host asks for an IPv4 address and is answered: 10.0.`host` with a MAC of its own. */
function asked(on: { readonly askers: RecentAskers }, target: string, host: number, linkIndex = eth0.index, at = 0): void {
  const number = host.toString(16).padStart(4, "0");
  const answer = fromHex(
    `0200000a${number} 020000000001 0806 0001080006040002 020000000001 c0000202 0200000a${number} 0a00${number}`,
  );
  on.askers.remember(octetsOf(target), answer, linkIndex, at);
}

function octetsOf(ipv4: string): Uint8Array {
  return Uint8Array.from(ipv4.split(".").map(Number));
}

/** Frames to single hosts since the given place of the log, as `<log line> -> <last two octets of the host's MAC>`. */
function unicasts(segment: Segment, from = 0): readonly string[] {
  return segment.log.flatMap((line, i) => {
    const to = toHex((segment.frames[i] ?? new Uint8Array()).slice(0, 6));
    return i >= from && to.startsWith("0200000a") ? [`${line} -> ${to.slice(8)}`] : [];
  });
}

/** A segment where the bursts of these addresses are over and nothing was asked. */
function settled(...texts: readonly string[]): Segment {
  const segment = new Segment({}, [eth0, eth1]);
  for (const text of texts) segment.announce(text);
  segment.runUntil(100_000);
  return segment;
}

test("when all is announced again, hosts that asked are told one by one, by an ARP reply to them alone", () => {
  const segment = settled("192.0.2.2", "192.0.2.3");
  asked(segment, "192.0.2.2", 1);
  asked(segment, "192.0.2.3", 2);
  segment.schedule.announceAll();
  segment.runUntil(200_000);
  deepEqual(unicasts(segment), ["100000 eth0 192.0.2.2 -> 0001", "100000 eth0 192.0.2.3 -> 0002"]);
  const frame = segment.frames.map(toHex).find((text) => text.startsWith("0200000a0001"));
  equal(frame, "0200000a0001020000000001080600010800060400020200000000 01c00002020200000a00010a000001".replaceAll(" ", ""));
});

test("a host that asked by NDP is told by an unsolicited advertisement to it alone, Override and not Solicited", () => {
  const segment = settled("2001:db8::2");
  const answer = fromHex(
    "0200000a0001 020000000001 86dd 6000000000203aff fe800000000000000000000000000001 20010db8000000000000000000000009",
  );
  segment.askers.remember(fromHex("20010db8000000000000000000000002"), answer, eth0.index, 0);
  segment.schedule.announceAll();
  segment.runUntil(200_000);
  const [frame] = segment.frames.map(toHex).filter((text) => text.startsWith("0200000a"));
  equal(
    frame,
    "0200000a000102000000000186dd6000000000203afffe80000000000000000000000000000120010db8000000000000000000000009" +
      "8800f9a32000000020010db80000000000000000000000020201020000000001",
  );
});

test("an address that comes to this node tells those who asked for it, and no others", () => {
  const segment = settled("192.0.2.2");
  asked(segment, "192.0.2.2", 1);
  asked(segment, "192.0.2.9", 2);
  asked(segment, "192.0.2.9", 3);
  const before = segment.log.length;
  segment.announce("192.0.2.9");
  segment.runUntil(150_000);
  deepEqual(unicasts(segment, before), ["100000 eth0 192.0.2.9 -> 0002", "100000 eth0 192.0.2.9 -> 0003"]);
});

test("hosts are told on the interface by which they asked, and only while the address is announced there", () => {
  const segment = settled("192.0.2.2");
  segment.table.set("other", [{ address: { family: "IPv4", bits: 0xc000_0203n }, interfaces: ["eth0"] }]);
  asked(segment, "192.0.2.2", 1, eth1.index);
  asked(segment, "192.0.2.3", 2, eth1.index);
  asked(segment, "192.0.2.4", 3, eth0.index);
  segment.schedule.announceAll();
  segment.runUntil(200_000);
  deepEqual(unicasts(segment), ["100000 eth1 192.0.2.2 -> 0001"]);
});

test("hosts that asked more than four hours ago are left alone", () => {
  const segment = settled("192.0.2.2");
  asked(segment, "192.0.2.2", 1, eth0.index, 1);
  asked(segment, "192.0.2.2", 2, eth0.index, 2);
  segment.runUntil(4 * hour + 2);
  segment.schedule.announceAll();
  segment.runUntil(5 * hour);
  deepEqual(unicasts(segment), [`${4 * hour + 2} eth0 192.0.2.2 -> 0002`]);
});

test("a host that asks while the others are told has its answer and is not told again", () => {
  const segment = settled("192.0.2.2");
  for (let host = 1; host <= 60; host += 1) asked(segment, "192.0.2.2", host, eth0.index, host);
  segment.schedule.announceAll();
  segment.runUntil(100_000);
  asked(segment, "192.0.2.2", 60, eth0.index, 100_001);
  segment.runUntil(200_000);
  const told = unicasts(segment).map((line) => line.slice(-4));
  deepEqual([told.length, new Set(told).size, told.includes("003c")], [60, 60, true]);
  const crowded = settled(...Array.from({ length: 60 }, (_, i) => `192.0.2.${i + 1}`));
  asked(crowded, "192.0.2.2", 1);
  crowded.schedule.announceAll();
  crowded.runUntil(100_000);
  asked(crowded, "192.0.2.2", 1, eth0.index, 100_005);
  crowded.runUntil(200_000);
  deepEqual(unicasts(crowded), []);
});

test("all hosts are told at most once a minute, and a wish within the minute is not forgotten", () => {
  const segment = settled("192.0.2.2");
  asked(segment, "192.0.2.2", 1);
  for (let now = 100_000; now < 110_000; now += 1_000) {
    segment.schedule.announceAll();
    segment.runUntil(now + 1_000);
  }
  segment.runUntil(300_000);
  deepEqual(unicasts(segment), ["100000 eth0 192.0.2.2 -> 0001", "160000 eth0 192.0.2.2 -> 0001"]);
});

test("of many addresses that come at once, each has its first round before single hosts are told", () => {
  const segment = settled();
  const before = segment.log.length;
  asked(segment, "10.2.0.0", 1);
  for (let i = 0; i < 250; i += 1) segment.announce(`10.2.0.${i}`, "eth0");
  segment.runUntil(200_000);
  equal(
    segment.frames.slice(before).findIndex(([first]) => first === 2),
    500,
  );
});

for (const urgency of ["fresh", "again"] as const)
  test(`one step looks at a thousand places of the memory at most, and asks for the next until it is through (${urgency})`, () => {
    const askers = new RecentAskers(4_000);
    for (let host = 0; host < 3_000; host += 1) asked({ askers }, "192.0.2.2", host);
    let looked = 0;
    const refresh = new AskerRefresh(askers, eth0.index, () => {
      looked += 1;
      return undefined;
    });
    equal(refresh.nextAt(7), undefined);
    if (urgency === "fresh") refresh.want("192.0.2.2");
    else refresh.wantAll();
    equal(refresh.nextAt(7), 7);
    const steps: number[] = [];
    while (refresh.nextAt(7) === 7) {
      looked = 0;
      refresh.step(0);
      equal(refresh.next(urgency), undefined);
      steps.push(looked);
    }
    deepEqual(steps, [1_024, 1_024, 952]);
  });

test("those who asked for an address that comes back are told before others, and before addresses are announced again", () => {
  const texts = Array.from({ length: 2000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const segment = settled(...texts);
  for (let host = 1; host <= 2000; host += 1) asked(segment, texts[host % 2000] ?? "", host);
  asked(segment, "192.0.2.9", 3000);
  segment.schedule.announceAll();
  segment.runUntil(100_500);
  segment.announce("192.0.2.9");
  segment.runUntil(100_550);
  deepEqual(unicasts(segment).at(-1)?.slice(6), " eth0 192.0.2.9 -> 0bb8");
});

test("the periodic refresh tells hosts one by one, too", () => {
  const segment = new Segment({ refreshIntervalMs: 100_000 });
  segment.announce("192.0.2.2");
  segment.runUntil(90_000);
  asked(segment, "192.0.2.2", 1);
  segment.runUntil(250_000);
  deepEqual(unicasts(segment), ["100000 eth0 192.0.2.2 -> 0001", "200000 eth0 192.0.2.2 -> 0001"]);
});

test("single hosts are told after every address has had its round, before its later rounds, and within the pace", () => {
  const texts = Array.from({ length: 2000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const segment = settled(...texts);
  for (let host = 1; host <= 50; host += 1) asked(segment, texts[host] ?? "", host);
  const before = segment.log.length;
  segment.schedule.announceAll();
  segment.runUntil(200_000);
  const isUnicast = segment.frames.slice(before).map(([first]) => first === 2);
  const first = isUnicast.indexOf(true);
  // Two links share the log: each has its own pace and 4,000 frames in a round.
  ok(first >= 7900 && first <= 8100, `${first} frames before`);
  equal(isUnicast.slice(first, first + 200).filter(Boolean).length, 50);
  const perSecond = new Map<string, number>();
  for (const line of segment.log.slice(before)) {
    const [ms = "", link = ""] = line.split(" ");
    const second = `${Math.floor(Number(ms) / 1000)} ${link}`;
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  ok(Math.max(...perSecond.values()) <= 1101);
});
