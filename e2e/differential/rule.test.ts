import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { classify, type Rule, tally } from "./rule.ts";

const rules: readonly Rule<number>[] = [
  { id: "small", explains: (value) => value < 10, reason: "it is small", documented: "Small" },
  { id: "even", explains: (value) => value % 2 === 0, reason: "it is even", documented: "Even" },
];

test("the first rule that explains a difference is its reason; without one it has none", () => {
  const classified = classify([4, 12, 13], rules);
  deepEqual(
    classified.map(({ rule }) => rule?.id),
    ["small", "even", undefined],
  );
});

test("rules are counted, the most frequent first, and what nobody meant is not", () => {
  deepEqual(tally(classify([12, 14, 4, 13], rules)), [
    ["even", 2],
    ["small", 1],
  ]);
});
