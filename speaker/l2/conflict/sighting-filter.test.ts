import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { macNumber } from "../../codec/mac.ts";
import type { Rival } from "../answer.ts";
import { SightingFilter } from "./sighting-filter.ts";

const member = Uint8Array.of(2, 0, 0, 0, 0, 9);

function rival(text: string, mac: Uint8Array): Rival {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return { address: { address, text, interfaces: undefined }, mac, form: "arp-reply" };
}

function foreigner(i: number): Uint8Array {
  return Uint8Array.of(2, 1, 0, i >> 16, i >> 8, i);
}

test("a claim is told ten milliseconds later, with those that came meanwhile, and again after half a second at the earliest", () => {
  const filter = new SightingFilter(0);
  equal(filter.nextAt(), undefined);
  for (let now = 0; now < 600; now += 100) filter.note(rival("192.0.2.2", member), "eth0", now);
  equal(filter.nextAt(), 10);
  const told = { ip: "192.0.2.2", mac: "02:00:00:00:00:09", form: "arp-reply", interface: "eth0" };
  deepEqual(filter.take(), { sightings: [told, told], dropped: 0 });
  deepEqual(filter.take(), { sightings: [], dropped: 0 });
});

test("of a million forged claims a hundred a second are told, the rest is counted, and little is remembered", () => {
  const filter = new SightingFilter(0);
  let told = 0;
  let dropped = 0;
  for (let i = 0; i < 1_000_000; i += 1) {
    filter.note(rival(`192.0.2.${i % 250}`, foreigner(i)), "eth0", i / 100);
    ok(filter.size <= 400);
    if (i % 1000 > 0) continue;
    const taken = filter.take();
    told += taken.sightings.length;
    dropped += taken.dropped;
  }
  ok(told >= 1000 && told <= 1110, `${told} in ten seconds`);
  ok(told + dropped > 990_000);
});

test("forged claims do not keep a claim of a member's hardware address from being told", () => {
  const filter = new SightingFilter(0);
  filter.setMemberMacs(new Set([macNumber(member)]));
  for (let i = 0; i < 5000; i += 1) filter.note(rival("192.0.2.2", foreigner(i)), "eth0", 0);
  filter.note(rival("192.0.2.2", member), "eth0", 0);
  equal(filter.take().sightings.at(-1)?.mac, "02:00:00:00:00:09");
});
