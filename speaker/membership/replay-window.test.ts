import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReplayWindow } from "./replay-window.ts";

test("a counter is accepted once", () => {
  const window = new ReplayWindow();
  deepEqual(
    [1, 2, 2, 1, 3].map((counter) => window.accept(counter)),
    [true, true, false, false, true],
  );
});

test("counters may come out of order", () => {
  const window = new ReplayWindow();
  deepEqual(
    [500, 1, 499, 1, 500].map((counter) => window.accept(counter)),
    [true, true, true, false, false],
  );
});

test("a counter far behind the highest counts as seen", () => {
  const window = new ReplayWindow();
  ok(window.accept(100_000));
  equal(window.accept(100_000 - 2000), false);
  ok(window.accept(100_000 - 900));
});

test("a jump forgets nothing that it must remember", () => {
  const window = new ReplayWindow();
  ok(window.accept(10));
  ok(window.accept(2 ** 40));
  equal(window.accept(10), false);
  equal(window.accept(2 ** 40), false);
});

test("zero, fractions and numbers beyond 2^53 are no counters", () => {
  const window = new ReplayWindow();
  for (const counter of [0, -1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) equal(window.accept(counter), false);
});

test("no counter is ever accepted twice, and none within 992 of the highest is refused at first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 400 }), (counters) => {
      const window = new ReplayWindow();
      const accepted = new Set<number>();
      let highest = 0;
      for (const counter of counters) {
        const fresh = !accepted.has(counter);
        const answer = window.accept(counter);
        if (answer) ok(fresh);
        else ok(!fresh || highest - counter > 960);
        if (answer) accepted.add(counter);
        highest = Math.max(highest, counter);
      }
    }),
  );
});
