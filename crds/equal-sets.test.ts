import { equal } from "node:assert/strict";
import { test } from "node:test";
import { equalSets } from "./equal-sets.ts";

test("sets are equal by their members, whatever the order; an absent one equals nothing but another", () => {
  equal(equalSets(new Set(["a", "b"]), new Set(["b", "a"])), true);
  equal(equalSets(new Set(["a", "b"]), new Set(["a", "c"])), false);
  equal(equalSets(new Set(["a"]), new Set(["a", "b"])), false);
  equal(equalSets(new Set(), undefined), false);
  equal(equalSets(undefined, undefined), true);
});
