import { equal } from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./system-clock.ts";

test("no timer is early, however the time it was set at falls between two milliseconds", async () => {
  const alive = setInterval(() => {}, 1_000); // what waits here does not keep the process
  let early = 0;
  for (let round = 0; round < 40; round++) {
    const waiting: Promise<void>[] = [];
    const end = performance.now() + 1;
    while (performance.now() < end) {
      const due = systemClock.monotonic() + 3;
      waiting.push(new Promise((resolve) => void systemClock.after(3, () => resolve(count(due)))));
    }
    await Promise.all(waiting);
  }
  clearInterval(alive);
  equal(early, 0);

  function count(due: number): void {
    if (systemClock.monotonic() < due) early++;
  }
});

test("a cancelled timer does nothing", async () => {
  let ran = 0;
  const cancel = systemClock.after(5, () => ran++);
  cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(ran, 0);
});
