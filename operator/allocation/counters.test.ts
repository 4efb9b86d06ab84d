import { equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pool } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { capacity, countersOf, int64Max } from "./counters.ts";
import { FreeAddresses, isBuggy } from "./free-address.ts";

const totals = (of: Pool) => ({ IPv4: capacity(of, "IPv4"), IPv6: capacity(of, "IPv6") });

test("capacity counts each family of every entry", () => {
  const both = pool("p", ["10.0.0.0/24", "10.1.0.1-10.1.0.10", "fd00::/120"]);
  equal(capacity(both, "IPv4"), 266n);
  equal(capacity(both, "IPv6"), 256n);
});

test("capacity of a block with 62 host bits or more is int64 max, and what is assigned is taken off exactly", () => {
  const huge = pool("p", ["fd00::/64", "fd01::/120"]);
  equal(capacity(huge, "IPv6"), int64Max);
  equal(capacity(pool("p", ["fd00::/66"]), "IPv6"), int64Max);
  equal(capacity(pool("p", ["fd00::/67"]), "IPv6"), 2n ** 61n);
  equal(countersOf(totals(huge), { IPv4: 0n, IPv6: 3n }).availableIPv6, 9223372036854775804n);
});

test("a lone avoided address has no capacity, and available is never negative", () => {
  const lone = pool("p", ["10.0.0.0/32"], { avoidBuggyIPs: true });
  equal(capacity(lone, "IPv4"), 0n);
  equal(countersOf(totals(lone), { IPv4: 1n, IPv6: 0n }).availableIPv4, 0n);
});

for (const [entry, usable] of [
  ["10.0.0.0/24", 254n],
  ["10.0.0.0-10.0.0.1", 1n],
  ["10.0.0.1-10.0.0.255", 254n],
  ["10.0.0.255-10.0.1.0", 0n],
  ["10.0.0.255/32", 0n],
  ["10.0.0.1-10.0.0.254", 254n],
  ["10.0.0.0/16", 65_024n],
] as const)
  test(`capacity of ${entry} without the avoided addresses is ${usable}`, () => {
    equal(capacity(pool("p", [entry], { avoidBuggyIPs: true }), "IPv4"), usable);
  });

test("avoided addresses are IPv4's alone", () => {
  equal(capacity(pool("p", ["fd00::/120"], { avoidBuggyIPs: true }), "IPv6"), 256n);
  equal(isBuggy("IPv6", 0n), false);
});

test("capacity without the avoided addresses equals a count", () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(1500), (start, length) => {
      const first = 0x0a000000n + BigInt(start);
      const last = first + BigInt(length);
      const ranged = {
        ...pool("p", [], { avoidBuggyIPs: true }),
        entries: [{ text: "", range: { family: "IPv4" as const, first, last } }],
      };
      let usable = 0n;
      for (let bits = first; bits <= last; bits++) if (!isBuggy("IPv4", bits)) usable++;
      equal(capacity(ranged, "IPv4"), usable);
    }),
  );
});

test("the first free address is found as a walk would find it, through any order of taking and releasing", () => {
  const entries = ["10.0.0.8/29", "10.0.0.0/30"];
  const order = [8n, 9n, 10n, 11n, 12n, 13n, 14n, 15n, 0n, 1n, 2n, 3n].map((octet) => 0x0a000000n + octet);
  fc.assert(
    fc.property(fc.array(fc.nat(11), { maxLength: 60 }), (moves) => {
      const free = new FreeAddresses(pool("p", entries), "IPv4");
      const used = new Set<bigint>();
      for (const move of moves) {
        const bits = order[move] ?? 0n;
        if (used.delete(bits)) free.release(bits);
        else used.add(free.first((each) => used.has(each)) ?? bits);
        equal(
          free.first((each) => used.has(each)),
          order.find((each) => !used.has(each)),
        );
      }
    }),
  );
});

test("an avoided address is not given out when its holder leaves it", () => {
  const free = new FreeAddresses(pool("p", ["10.0.0.0/29"], { avoidBuggyIPs: true }), "IPv4");
  const used = new Set([0x0a000000n, 0x0a000001n]);
  const first = () => free.first((bits) => used.has(bits));
  equal(first(), 0x0a000002n);
  used.clear();
  free.release(0x0a000000n);
  equal(first(), 0x0a000002n);
  free.release(0x0a000001n);
  equal(first(), 0x0a000001n);
});

test("each address of a large pool is stepped over once", () => {
  const free = new FreeAddresses(pool("p", ["10.0.0.0/16"]), "IPv4");
  const used = new Set<bigint>();
  let looks = 0;
  const isUsed = (bits: bigint): boolean => {
    looks++;
    return used.has(bits);
  };
  for (let turn = 0; turn < 65_536; turn++) used.add(free.first(isUsed) ?? -1n);
  for (let turn = 0; turn < 1000; turn++) {
    const bits = 0x0a000000n + BigInt(turn % 7);
    used.delete(bits);
    free.release(bits);
    used.add(free.first(isUsed) ?? -1n);
  }
  equal(used.has(-1n), false);
  equal(looks < 4 * 65_536, true, `${looks} looks`);
});
