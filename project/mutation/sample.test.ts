import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import { test } from "node:test";
import { sample } from "./sample.ts";

const items = Array.from({ length: 1_000 }, (_, index) => index);

test("a sample has as many items as it shall, each once, in their order", () => {
  const drawn = sample(items, 50, 1);
  equal(new Set(drawn).size, 50);
  deepEqual(
    drawn,
    drawn.toSorted((a, b) => a - b),
  );
  deepEqual(sample(items, 5_000, 1), items);
});

test("one seed gives one sample, another seed another", () => {
  deepEqual(sample(items, 50, 7), sample(items, 50, 7));
  notDeepEqual(sample(items, 50, 7), sample(items, 50, 8));
});

test("a sample comes from everywhere", () => {
  const quarters = [0, 1, 2, 3].map(
    (quarter) => sample(items, 200, 3).filter((item) => Math.floor(item / 250) === quarter).length,
  );
  equal(
    quarters.every((count) => count > 25),
    true,
    quarters.join(),
  );
});
