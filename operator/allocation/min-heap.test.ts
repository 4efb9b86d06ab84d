import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MinHeap } from "./min-heap.ts";

test("items come out in order, whatever the order they came in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (items) => {
      const heap = new MinHeap<number>((a, b) => a < b);
      for (const item of items) heap.push(item);
      const out = items.map(() => heap.pop());
      deepEqual(
        out,
        items.toSorted((a, b) => a - b),
      );
      equal(heap.pop(), undefined);
    }),
  );
});

test("looking takes nothing out", () => {
  const heap = new MinHeap<number>((a, b) => a < b);
  equal(heap.peek(), undefined);
  for (const item of [3, 1, 2]) heap.push(item);
  deepEqual([heap.peek(), heap.peek(), heap.pop(), heap.peek()], [1, 1, 1, 2]);
});
