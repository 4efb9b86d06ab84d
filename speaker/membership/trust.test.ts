import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Challenge } from "./challenge.ts";
import { MemberTable } from "./member-table.ts";
import { Trust } from "./trust.ts";

function trustWith(startId: string): { readonly trust: Trust; readonly table: MemberTable } {
  const table = new MemberTable(10);
  const record = {
    ...{ name: "a", address: "", startId, incarnation: 1, generation: 1, standing: "candidate" as const },
    ...{ deaths: 0, speaks: 1, facts: new Uint8Array() },
  };
  table.put({ record, status: "alive", since: 0, reason: "" });
  return { trust: new Trust(table, 3), table };
}

test("a start that nobody named is a stranger's, however often it comes", () => {
  const { trust } = trustWith("one");
  deepEqual(
    [1, 2].map((counter) => trust.judge("b", "any", counter)),
    ["stranger", "stranger"],
  );
  equal(trust.size, 0);
});

test("a start that a record names is vouched for, and proven by an answer", () => {
  const { trust } = trustWith("one");
  equal(trust.judge("a", "one", 1), "vouched");
  trust.prove("a", "one", 1);
  equal(trust.judge("a", "one", 2), "proven");
  equal(trust.judge("a", "one", 2), "replayed");
  equal(trust.judge("a", "one", 1), "replayed");
});

test("once a new start is proven, the old one is a stranger's", () => {
  const { trust } = trustWith("one");
  trust.judge("a", "one", 5);
  trust.prove("a", "two", 1);
  equal(trust.judge("a", "one", 6), "stranger");
  equal(trust.judge("a", "two", 1), "replayed");
  equal(trust.judge("a", "two", 2), "proven");
});

test("a newer record ends the trust in an older start", () => {
  const { trust, table } = trustWith("one");
  trust.prove("a", "one", 1);
  const held = table.get("a");
  if (held !== undefined) table.put({ ...held, record: { ...held.record, startId: "two" } });
  trust.supersede("a", "two");
  equal(trust.judge("a", "one", 2), "stranger");
  equal(trust.judge("a", "two", 1), "vouched");
});

test("more names than the limit are not remembered", () => {
  const { trust } = trustWith("one");
  for (let i = 0; i < 10; i += 1) trust.prove(`n${i}`, "x", 1);
  equal(trust.size, 3);
  equal(trust.judge("n9", "x", 2), "stranger");
});

test("a nonce counts for two seconds after it was asked with last", () => {
  let count = 0;
  const challenge = new Challenge(() => `nonce-${count++}`, 0);
  const first = challenge.nonce(0);
  equal(challenge.nonce(999), first);
  ok(challenge.matches(first, 1999));
  equal(challenge.matches(first, 2999), false);
  equal(challenge.matches("nonce-99", 0), false);
});

test("a nonce that nobody asked with for long does not count", () => {
  let count = 0;
  const challenge = new Challenge(() => `nonce-${count++}`, 0);
  const first = challenge.nonce(0);
  equal(challenge.matches(first, 5000), false);
});

test("a stranger is challenged once in 20 ms, whatever comes under its name", () => {
  const challenge = new Challenge(() => "", 0);
  deepEqual(
    [0, 10, 19, 20].map((at) => challenge.mayAskStranger("a", at)),
    [true, false, false, true],
  );
  ok(challenge.mayAskStranger("b", 0));
});
