import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { failure, notEmpty, stepResult, sumLine } from "./suite-result.ts";

const result = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped, failures: [] });

test("the last line is the sum of all suites", () => {
  equal(sumLine([result(3, 0, 1), result(10, 2, 0)]), "13 passed, 2 failed, 1 skipped");
  equal(sumLine([]), "0 passed, 0 failed, 0 skipped");
});

test("a suite that ran no test has failed", () => {
  equal(notEmpty(result(0, 0, 0)).failed, 1);
  deepEqual(notEmpty(result(0, 0, 2)), result(0, 0, 2));
});

test("a failure is told with the beginning of its reason", () => {
  const cause = new Error(`Property failed\n{ seed: 7 }\n${"x".repeat(1_000)}\n4\n5\n6\n7`);
  const lines = failure("a.test.ts", "holds", new Error("a subtest failed", { cause })).split("\n");
  deepEqual(lines.slice(0, 3), ["a.test.ts: holds", "  Property failed", "  { seed: 7 }"]);
  deepEqual([lines.length, lines[3]?.length, lines.at(-1)], [7, 602, "  6"]);
  equal(failure("a.test.ts", "holds", new Error("no cause")), "a.test.ts: holds\n  no cause");
});

test("a step passes with status 0 only", () => {
  equal(stepResult("lint", 0).passed, 1);
  for (const outcome of [1, 127, "SIGKILL"]) equal(stepResult("lint", outcome).failed, 1);
});
