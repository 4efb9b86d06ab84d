import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { notEmpty, stepResult, sumLine } from "./suite-result.ts";

const result = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped, failures: [] });

test("the last line is the sum of all suites", () => {
  equal(sumLine([result(3, 0, 1), result(10, 2, 0)]), "13 passed, 2 failed, 1 skipped");
  equal(sumLine([]), "0 passed, 0 failed, 0 skipped");
});

test("a suite that ran no test has failed", () => {
  equal(notEmpty(result(0, 0, 0)).failed, 1);
  deepEqual(notEmpty(result(0, 0, 2)), result(0, 0, 2));
});

test("a step passes with status 0 only", () => {
  equal(stepResult("lint", 0).passed, 1);
  for (const outcome of [1, 127, "SIGKILL"]) equal(stepResult("lint", outcome).failed, 1);
});
