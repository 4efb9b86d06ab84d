import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { nearestFirst } from "./nearest-first.ts";

test("a file's own tests come first, properties of others last", () => {
  const tests = ["a/all.property.test.ts", "a/some.test.ts", "a/x-y.test.ts", "a/x.property.test.ts", "a/x.test.ts"];
  deepEqual(nearestFirst(tests, "a/x.ts"), [
    "a/x.property.test.ts",
    "a/x.test.ts",
    "a/some.test.ts",
    "a/x-y.test.ts",
    "a/all.property.test.ts",
  ]);
});
