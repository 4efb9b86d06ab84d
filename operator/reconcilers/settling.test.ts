import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { Settling } from "./settling.ts";

test("a state lasts until another one is seen, by key", () => {
  const clock = new FakeClock();
  const settling = new Settling<"up" | "down">(clock);
  const seen = [settling.lasting("a", "up"), settling.lasting("b", "down")];
  clock.tick(500);
  seen.push(settling.lasting("a", "up"), settling.lasting("b", "up"));
  clock.tick(500);
  seen.push(settling.lasting("a", "up"), settling.lasting("b", "up"));
  deepEqual(seen, [0, 0, 500, 0, 1_000, 500]);
});

test("what was forgotten begins anew", () => {
  const clock = new FakeClock();
  const settling = new Settling<string>(clock);
  for (const key of ["a", "b", "c"]) settling.lasting(key, "x");
  clock.tick(500);
  settling.forget("a");
  const others = [settling.lasting("a", "x"), settling.lasting("b", "x")];
  settling.clear();
  deepEqual([...others, settling.lasting("b", "x")], [0, 500, 0]);
});
