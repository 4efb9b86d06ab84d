import { equal } from "node:assert/strict";
import { test } from "node:test";
import type { Family } from "../../crds/net/address.ts";
import type { PoolReport, Stock } from "./pool-gap.ts";
import { poolsText } from "./pool-text.ts";

const stock = (family: Family, size: bigint): Stock => ({ family, size, reserved: 0n, isFull: true });
const half = (pool: string): PoolReport => ({
  pool,
  gap: { kind: "stock", stock: [stock("IPv4", 0n), stock("IPv6", 4n)] },
});
const full = (pool: string): PoolReport => ({
  pool,
  gap: { kind: "stock", stock: [stock("IPv4", 2n), stock("IPv6", 4n)] },
});
const manual: PoolReport = { pool: "m", gap: { kind: "manual" } };
const manualText = "pool m: autoAssign is off (name the pool in the annotation metallb.io/address-pool to use it)";

test("pools of one family are told together, before the others, be it one or several", () => {
  const advice = "; a dual-stack Service takes both from one pool: add both ranges to one pool";
  equal(poolsText({ pools: [manual, half("a")], more: 0 }, true), `pool a has no IPv4${advice}; ${manualText}`);
  equal(poolsText({ pools: [half("a"), half("b")], more: 0 }, true), `pool a has no IPv4, pool b has no IPv4${advice}`);
});

test("to a Service for which one family would do, a pool of one family is as any other", () => {
  equal(poolsText({ pools: [half("a")], more: 0 }, false), "pool a: no IPv4 addresses, 4 of 4 IPv6 addresses in use");
});

test("a pool that has both families, or neither, is not half a pool", () => {
  equal(poolsText({ pools: [full("f")], more: 0 }, true), "pool f: 2 of 2 IPv4 addresses in use, 4 of 4 IPv6 addresses in use");
  const none: PoolReport = { pool: "n", gap: { kind: "stock", stock: [stock("IPv4", 0n), stock("IPv6", 0n)] } };
  equal(poolsText({ pools: [none], more: 0 }, true), "pool n: no IPv4 addresses, no IPv6 addresses");
});

test("only what a pool lacks is told", () => {
  const six: Stock = { ...stock("IPv6", 4n), isFull: false };
  const report: PoolReport = { pool: "p", gap: { kind: "stock", stock: [stock("IPv4", 2n), six] } };
  equal(poolsText({ pools: [report], more: 0 }, false), "pool p: 2 of 2 IPv4 addresses in use");
  const nothing: PoolReport = { pool: "p", gap: { kind: "stock", stock: [six] } };
  equal(poolsText({ pools: [nothing], more: 0 }, false), "pool p: no address that this Service may have");
});

test("addresses that are kept for deleted Services are told apart from those in use", () => {
  const report: PoolReport = { pool: "p", gap: { kind: "stock", stock: [{ ...stock("IPv4", 5n), reserved: 2n }] } };
  equal(poolsText({ pools: [report], more: 0 }, false), "pool p: 3 of 5 IPv4 addresses in use, 2 reserved for deleted Services");
});

/** A pool with a name such that what is told of it has so many characters. */
const clause = (length: number): PoolReport => ({ ...manual, pool: "n".repeat(length - manualText.length + 1) });

test("of pools are told as many as 600 characters hold, and the number of the others", () => {
  const told = (...lengths: readonly number[]) => poolsText({ pools: lengths.map(clause), more: 0 }, false);
  equal(told(298, 298).length, 298 + 2 + 298, "with what separates them");
  equal(told(298, 299), `${told(298)}; and 1 more pool`);
  equal(told(298, 299, 100), `${told(298)}; and 2 more pools`);
  equal(poolsText({ pools: [clause(298)], more: 5 }, false), `${told(298)}; and 5 more pools`);
});

test("what is longer than that by itself is cut, not left out", () => {
  const text = poolsText({ pools: [clause(700), manual], more: 0 }, false);
  equal(text, `pool ${"n".repeat(594)}…; and 1 more pool`);
});
