import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { Spacing } from "./spacing.ts";

test("a change after a pause waits for nothing, those right behind it wait for the end of the interval", () => {
  const clock = new FakeClock();
  const spacing = new Spacing(clock, 200);
  const delays = [0, 0, 50, 150, 100].map((pause) => {
    clock.tick(pause);
    return spacing.delay("p");
  });
  deepEqual(delays, [0, 200, 150, 0, 100]);
  deepEqual(spacing.delay("q"), 0, "another key is another matter");
});
