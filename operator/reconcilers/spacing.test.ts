import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { Spacing } from "./spacing.ts";

function delays(pauses: readonly number[], crowd?: number): readonly number[] {
  const clock = new FakeClock();
  const spacing = new Spacing(clock, 200, crowd);
  return pauses.map((pause) => {
    clock.tick(pause);
    return spacing.delay("p");
  });
}

test("a change after a pause waits for nothing, those right behind it wait for the end of the interval, together", () => {
  deepEqual(delays([0, 0, 50, 100]), [0, 200, 150, 50]);
});

test("what comes after a turn that was waited for waits for the next one", () => {
  deepEqual(delays([0, 10, 200, 180, 20]), [0, 190, 190, 10, 190]);
});

test("calm is over when an interval passed since the last turn", () => {
  deepEqual(delays([0, 200, 1, 399, 1]), [0, 0, 199, 0, 199]);
});

test("after a turn for which a crowd asked there are two intervals, and then one again", () => {
  deepEqual(delays([0, 0, 0, 0, 201, 398, 2, 1], 2), [0, 200, 200, 200, 399, 1, 199, 198]);
  deepEqual(delays([0, 0, 0, 201], 2), [0, 200, 200, 199], "two are no crowd");
});

test("another key is another matter", () => {
  const spacing = new Spacing(new FakeClock(), 200);
  deepEqual([spacing.delay("p"), spacing.delay("q"), spacing.delay("p")], [0, 0, 200]);
});

test("however changes come, nobody waits longer than the interval, and turns are no nearer to each other", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 300 })), (pauses) => {
      let now = 0;
      const turns = new Set<number>();
      for (const [index, delay] of delays(pauses).entries()) {
        now += pauses[index] ?? 0;
        equal(delay >= 0 && delay <= 200, true);
        turns.add(now + delay);
      }
      const gaps = [...turns].slice(1).map((turn, index) => turn - ([...turns][index] ?? 0));
      deepEqual(
        gaps.filter((gap) => gap < 200),
        [],
      );
    }),
  );
});
