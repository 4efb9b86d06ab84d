import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "./dice.ts";

const rolls = (seed: string, count = 100) => {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => dice.int(1, 1000));
};

test("the same seed makes the same choices, another seed others", () => {
  deepEqual(rolls("a"), rolls("a"));
  notDeepEqual(rolls("a"), rolls("b"));
});

test("int reaches both ends and nothing beyond", () => {
  const dice = new Dice("ends");
  const seen = new Set(Array.from({ length: 500 }, () => dice.int(-1, 2)));
  deepEqual([...seen].sort(), [-1, 0, 1, 2]);
});

test("weighted never takes a weight of nothing and takes a heavy one most often", () => {
  const dice = new Dice("weights");
  const counts = new Map<string, number>();
  for (let index = 0; index < 1000; index++) {
    const value = dice.weighted([
      [9, "heavy"],
      [0, "none"],
      [1, "light"],
    ]);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  equal(counts.get("none"), undefined);
  ok((counts.get("heavy") ?? 0) > 800 && (counts.get("light") ?? 0) > 50);
});

test("some takes different elements, at most all", () => {
  const dice = new Dice("some");
  for (let index = 0; index < 100; index++) {
    const chosen = dice.some([1, 2, 3], 1, 5);
    ok(chosen.length >= 1 && chosen.length <= 3);
    equal(new Set(chosen).size, chosen.length);
  }
});

test("nothing to pick from is an error", () => throws(() => new Dice("empty").pick([]), RangeError));
