import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { octetsOfAddress } from "../codec/ip-octets.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { type AddressChange, AnnouncementTable, announcedOn } from "./announcement-table.ts";
import { ipv6Digest } from "./ipv6-digest.ts";

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

function announcement(text: string, ...interfaces: readonly string[]): L2Announcement {
  return { address: address(text), interfaces };
}

/** `+192.0.2.1 eth0`, `-192.0.2.1`, `~192.0.2.1 *`. */
function told(changes: readonly AddressChange[]): readonly string[] {
  return changes.map(({ before, after }) => {
    if (after === undefined) return `-${before?.text}`;
    return `${before === undefined ? "+" : "~"}${after.text} ${after.interfaces === undefined ? "*" : [...after.interfaces].sort()}`;
  });
}

function found(table: AnnouncementTable, text: string): string | undefined {
  const octets = Uint8Array.from([9, ...octetsOfAddress(address(text))]);
  return (octets.length === 5 ? table.findIpv4(octets, 1) : table.findIpv6(octets, 1))?.text;
}

test("an announced address is found by its octets, another is not", () => {
  const table = new AnnouncementTable();
  deepEqual(told(table.set("a/a", [announcement("192.0.2.255"), announcement("2001:db8::1", "eth0")])), [
    "+192.0.2.255 *",
    "+2001:db8::1 eth0",
  ]);
  equal(found(table, "192.0.2.255"), "192.0.2.255");
  equal(found(table, "192.0.2.254"), undefined);
  equal(found(table, "2001:db8::1"), "2001:db8::1");
  equal(found(table, "2001:db8::2"), undefined);
});

test("two IPv6 addresses with the same digest are told apart, also after one is gone", () => {
  const twins = ["2001:db8::1", "2001:db8:0:1::42b0:8a81"];
  equal(new Set(twins.map((text) => ipv6Digest(octetsOfAddress(address(text)), 0))).size, 1);
  const table = new AnnouncementTable();
  table.set("a/a", [announcement("2001:db8::1")]);
  equal(found(table, "2001:db8:0:1::42b0:8a81"), undefined);
  table.set("a/b", [announcement("2001:db8:0:1::42b0:8a81")]);
  for (const text of twins) equal(found(table, text), text);
  table.delete("a/a");
  deepEqual(
    twins.map((text) => found(table, text)),
    [undefined, "2001:db8:0:1::42b0:8a81"],
  );
});

test("addresses that differ in prefix alone, or in interface identifier alone, have digests of their own", () => {
  const base = address("2001:db8::1").bits;
  for (const shift of [0n, 16n, 32n, 48n, 64n, 80n]) {
    const digests = new Set<number>();
    for (let i = 0n; i < 4096n; i += 1n) {
      digests.add(ipv6Digest(octetsOfAddress({ family: "IPv6", bits: base + (i << shift) }), 0));
    }
    equal(digests.size > 4000, true, `${digests.size} digests at bit ${shift}`);
  }
});

test("an address stays as long as one Service announces it", () => {
  const table = new AnnouncementTable();
  table.set("a/a", [announcement("192.0.2.1")]);
  deepEqual(told(table.set("a/b", [announcement("192.0.2.1")])), []);
  deepEqual(told(table.delete("a/a")), []);
  equal(found(table, "192.0.2.1"), "192.0.2.1");
  deepEqual(told(table.delete("a/b")), ["-192.0.2.1"]);
  equal(found(table, "192.0.2.1"), undefined);
  equal(table.size, 0);
});

test("the interfaces of a shared address are the union over its Services", () => {
  const table = new AnnouncementTable();
  table.set("a/a", [announcement("192.0.2.1", "eth0")]);
  deepEqual(told(table.set("a/b", [announcement("192.0.2.1", "eth1")])), ["~192.0.2.1 eth0,eth1"]);
  deepEqual(told(table.set("a/c", [announcement("192.0.2.1")])), ["~192.0.2.1 *"]);
  deepEqual(told(table.delete("a/a")), []);
  deepEqual(told(table.delete("a/c")), ["~192.0.2.1 eth1"]);
});

test("setting a Service anew replaces what it announced", () => {
  const table = new AnnouncementTable();
  table.set("a/a", [announcement("192.0.2.1"), announcement("192.0.2.2")]);
  deepEqual(told(table.set("a/a", [announcement("192.0.2.2"), announcement("192.0.2.3")])), ["-192.0.2.1", "+192.0.2.3 *"]);
  deepEqual(
    table.addressesOf("a/a").map(({ text }) => text),
    ["192.0.2.2", "192.0.2.3"],
  );
  deepEqual(told(table.set("a/a", [announcement("192.0.2.2"), announcement("192.0.2.3")])), []);
});

test("deleting a Service that is unknown changes nothing", () => {
  deepEqual(new AnnouncementTable().delete("a/a"), []);
});

test("an address without a list is announced on every interface, else on those of exactly that name", () => {
  const table = new AnnouncementTable();
  table.set("a/a", [announcement("192.0.2.1"), announcement("192.0.2.2", "eth0")]);
  const [every, one] = [...table.values()];
  equal(every && announcedOn(every, "eth7"), true);
  equal(one && announcedOn(one, "eth0"), true);
  equal(one && announcedOn(one, "Eth0"), false);
});

test("after any history every announced address is found, and none else", () => {
  const texts = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", "2001:db8::1:0:0:1"];
  const step = fc.record({ service: fc.constantFrom("a", "b", "c"), texts: fc.subarray(texts) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const table = new AnnouncementTable();
      const model = new Map<string, readonly string[]>();
      for (const { service, texts: wanted } of steps) {
        table.set(
          service,
          wanted.map((text) => announcement(text)),
        );
        model.set(service, wanted);
      }
      const expected = new Set([...model.values()].flat());
      for (const text of texts) equal(found(table, text), expected.has(text) ? formatAddress(address(text)) : undefined);
      equal(table.size, expected.size);
    }),
  );
});
