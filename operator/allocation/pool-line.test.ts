import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { pool } from "../../crds/config/fixture/pools.ts";
import { addressAt, lineOf, ordinalOf } from "./pool-line.ts";

const line = lineOf(pool("p", ["10.0.0.8/30", "fd00::/126", "10.0.0.0-10.0.0.2"]), "IPv4");
const order = [8n, 9n, 10n, 11n, 0n, 1n, 2n].map((octet) => 0x0a000000n + octet);

test("addresses are numbered in the order of the spec, lowest first inside each entry", () => {
  equal(line.length, 7n);
  deepEqual(
    order.map((_, index) => addressAt(line, BigInt(index))),
    order,
  );
});

test("outside of the numbers there is no address", () => {
  deepEqual([addressAt(line, -1n), addressAt(line, 7n)], [undefined, undefined]);
});

test("the number of an address is where it stands, and there is none for others", () => {
  deepEqual(
    order.map((bits) => ordinalOf(line, bits)),
    order.map((_, index) => BigInt(index)),
  );
  for (const octet of [3n, 7n, 12n]) equal(ordinalOf(line, 0x0a000000n + octet), undefined);
  equal(ordinalOf(line, 0x09ffffffn), undefined);
});

test("a pool without addresses of a family has an empty line", () => {
  const none = lineOf(pool("p", ["10.0.0.0/30"]), "IPv6");
  deepEqual([none.length, addressAt(none, 0n), ordinalOf(none, 0n)], [0n, undefined, undefined]);
});
