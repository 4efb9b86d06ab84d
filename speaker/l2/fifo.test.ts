import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fifo } from "./fifo.ts";

test("items come out in the order in which they went in, whatever is taken in between", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat())), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          equal(fifo.peek(), model[0]);
          deepEqual(fifo.shift(), model.shift());
        } else {
          fifo.push(step);
          model.push(step);
        }
        equal(fifo.length, model.length);
      }
    }),
  );
});
