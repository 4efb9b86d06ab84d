import { equal } from "node:assert/strict";
import { test } from "node:test";
import { describe } from "./reason.ts";

test("a Service that waits is told which pools are full, and of how many addresses", () => {
  const tried = [
    { name: "tiny", stock: [{ family: "IPv4", size: 2n, isFull: true }] },
    { name: "v6", stock: [{ family: "IPv4", size: 0n, isFull: true }] },
  ] as const;
  equal(
    describe({ code: "NoAvailableIPs", families: "IPv4", tried }),
    "no available IPs: looked for IPv4 in tiny (2 of 2 IPv4 addresses in use), v6 (no IPv4 addresses)",
  );
});

test("of a pool that lacks one family only that family is told", () => {
  const stock = [
    { family: "IPv4", size: 9n, isFull: false },
    { family: "IPv6", size: 1n, isFull: true },
  ] as const;
  equal(
    describe({ code: "PoolExhausted", pool: { name: "both", stock }, families: "dual" }),
    'no available IPs in pool "both" for IPv4 and IPv6 (1 of 1 IPv6 addresses in use): add addresses to it, or free some',
  );
});
