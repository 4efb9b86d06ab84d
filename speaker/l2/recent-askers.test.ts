import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex, toHex } from "../codec/octets.ts";
import { RecentAskers } from "./recent-askers.ts";

const web = fromHex("c0000202");
const api = fromHex("c0000203");
const web6 = fromHex("20010db8000000000000000000000002");
const eth0 = 2;
const eth1 = 3;

/** An ARP answer to host 10.0.0.`host`, or to another address. */
function arpAnswer(host: number, ip = `0a0000${hex(host)}`, mac = `0200000000${hex(host)}`): Uint8Array {
  return fromHex(`${mac} 020000000001 0806 0001080006040002 020000000001 c0000202 ${mac} ${ip}`);
}

/** As much of a neighbor advertisement as says whom it is for. */
function ndpAnswer(ip: string, mac: string): Uint8Array {
  return fromHex(`${mac} 020000000001 86dd 6000000000203aff fe800000000000000000000000000001 ${ip}`);
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}

/** `<host's address> <MAC> <interface> <time>` of the latest askers. */
function latest(askers: RecentAskers, count = 10, isUsable?: (linkIndex: number) => boolean): readonly string[] {
  return askers.latest(count, isUsable).map(({ ip, mac, linkIndex, at }) => `${toHex(ip)} ${toHex(mac)} ${linkIndex} ${at}`);
}

test("whoever is answered is remembered with address, MAC, interface and time, by ARP and by NDP", () => {
  const askers = new RecentAskers(8);
  askers.remember(web, arpAnswer(10), eth0, 100);
  askers.remember(web6, ndpAnswer("fe80000000000000000000000000000b", "02000000000b"), eth1, 200);
  deepEqual(latest(askers), ["fe80000000000000000000000000000b 02000000000b 3 200", "0a00000a 02000000000a 2 100"]);
});

test("each host is told once, at the time when it asked last, the latest first", () => {
  const askers = new RecentAskers(8);
  askers.remember(web, arpAnswer(10), eth0, 1);
  askers.remember(web, arpAnswer(11), eth0, 2);
  askers.remember(api, arpAnswer(10), eth0, 3);
  deepEqual(latest(askers), ["0a00000a 02000000000a 2 3", "0a00000b 02000000000b 2 2"]);
  deepEqual(latest(askers, 1), ["0a00000a 02000000000a 2 3"]);
});

test("hosts on interfaces that are of no use are passed over", () => {
  const askers = new RecentAskers(8);
  askers.remember(web, arpAnswer(10), eth0, 1);
  askers.remember(web, arpAnswer(11), eth1, 2);
  deepEqual(
    latest(askers, 1, (linkIndex) => linkIndex === eth0),
    ["0a00000a 02000000000a 2 1"],
  );
});

test("a host that asks by two interfaces is told once for each: either may fail", () => {
  const askers = new RecentAskers(8, 1);
  askers.remember(web, arpAnswer(10), eth0, 1);
  askers.remember(web, arpAnswer(10), eth1, 2);
  deepEqual(latest(askers), ["0a00000a 02000000000a 3 2", "0a00000a 02000000000a 2 1"]);
});

test("a host that asks again for the same address takes no more room, and its new MAC counts", () => {
  const askers = new RecentAskers(8);
  askers.remember(web, arpAnswer(10), eth0, 1);
  askers.remember(web, arpAnswer(10, undefined, "0200000000ff"), eth0, 2);
  equal(askers.size, 1);
  deepEqual(latest(askers), ["0a00000a 0200000000ff 2 2"]);
});

test("probes of hosts without an address and questions on behalf of a group are not remembered", () => {
  const askers = new RecentAskers(8);
  askers.remember(web, arpAnswer(10, "00000000"), eth0, 1);
  askers.remember(web, arpAnswer(10, undefined, "ffffffffffff"), eth0, 1);
  askers.remember(web6, ndpAnswer("ff020000000000000000000000000001", "333300000001"), eth0, 1);
  equal(askers.size, 0);
});

test("a pair is found by its place, if its host is on the interface and asked within the time in question", () => {
  const askers = new RecentAskers(8);
  askers.remember(web6, ndpAnswer("fe80000000000000000000000000000b", "02000000000b"), eth1, 200);
  const pair = askers.pairAt(1, eth1, 200, 200);
  deepEqual([pair?.target, pair?.asker.mac], [web6, fromHex("02000000000b")]);
  deepEqual([askers.pairAt(1, eth1, 201, 300), askers.pairAt(1, eth1, 100, 199)], [undefined, undefined]);
  deepEqual([askers.pairAt(0, eth1, 0, 300), askers.pairAt(2, eth1, 0, 300)], [undefined, undefined]);
  equal(askers.pairAt(1, eth0, 200, 200), undefined);
});

test("when all room is taken, the pair that asked longest ago is forgotten", () => {
  const steps = fc.array(fc.record({ host: fc.nat(15), target: fc.constantFrom(web, api), link: fc.constantFrom(eth0, eth1) }), {
    minLength: 60,
    maxLength: 100,
  });
  fc.assert(
    fc.property(steps, (asked) => {
      const askers = new RecentAskers(12);
      const model = new Map<string, number>();
      for (const [now, { host, target, link }] of asked.entries()) {
        askers.remember(target, arpAnswer(host), link, now);
        const key = `${toHex(target)} ${host} ${link}`;
        model.delete(key);
        model.set(key, now);
        if (model.size > 12) model.delete([...model.keys()][0] ?? "");
      }
      const slots = Array.from({ length: askers.size }, (_, i) => i + 1);
      const pairs = slots.flatMap((slot) => [eth0, eth1].flatMap((link) => askers.pairAt(slot, link, 0, asked.length) ?? []));
      const remembered = pairs.map((pair) => `${toHex(pair.target)} ${pair.asker.ip[3]} ${pair.asker.linkIndex}`);
      deepEqual(remembered.sort(), [...model.keys()].sort());
      deepEqual(askers.latest(1)[0]?.at, asked.length === 0 ? undefined : asked.length - 1);
    }),
    { numRuns: 50 },
  );
});

test("hosts whose addresses all fall into one chain push out each other, and nobody is looked for longer", () => {
  const askers = new RecentAskers(100, 1);
  for (let host = 1; host <= 60; host += 1) askers.remember(web, arpAnswer(host), eth0, host);
  equal(askers.size, 16);
  deepEqual(
    askers.latest(100).map(({ at }) => at),
    Array.from({ length: 16 }, (_, i) => 60 - i),
  );
});

test("65,536 pairs are remembered in 4.5 MB, however many ask", () => {
  const askers = new RecentAskers();
  const answer = arpAnswer(1);
  for (let i = 0; i < 200_000; i += 1) {
    answer.set([10, i >>> 16, (i >>> 8) & 255, i & 255], 38);
    askers.remember(web, answer, eth0, i);
  }
  ok(askers.size > 65_000 && askers.size <= 65_536, `${askers.size} pairs`);
  ok(askers.octets < 4_500_000, `${askers.octets} octets`);
});
