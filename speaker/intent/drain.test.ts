import { equal } from "node:assert/strict";
import { test } from "node:test";
import { drainStageOf } from "./drain.ts";

test("a node stays until it is asked to go, gives notice for the time to wait, and is gone then", () => {
  equal(drainStageOf(undefined, 1_000, 500), "staying");
  equal(drainStageOf(1_000, 1_000, 500), "leaving");
  equal(drainStageOf(1_000, 1_499, 500), "leaving");
  equal(drainStageOf(1_000, 1_500, 500), "gone");
  equal(drainStageOf(1_000, 1_000, 0), "gone");
});
