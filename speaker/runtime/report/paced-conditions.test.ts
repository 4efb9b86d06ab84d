import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { DerivedCondition } from "../../../operator/framework/conditions.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { PacedConditions } from "./paced-conditions.ts";

function setUp() {
  const clock = new FakeClock();
  const present: DerivedCondition[] = [];
  const said: number[] = [];
  const paced = new PacedConditions({
    clock,
    present: () => [...present],
    onChange: () => said.push(paced.conditions.length),
  });
  const add = (type: string): void => {
    present.push({ type, status: "True", reason: "Because", message: "" });
    paced.follow();
  };
  return { clock, present, said, paced, add };
}

test("a thousand changes one after the other are two words: the first, and all of them", async () => {
  const { clock, said, add } = setUp();
  for (let i = 0; i < 1_000; i += 1) add(`condition-${i}`);
  deepEqual(said, [1]);
  await clock.advance(5_000);
  deepEqual(said, [1, 1_000]);
  await clock.advance(60_000);
  equal(said.length, 2);
});

test("the conditions stay as they were said until it is time to say the next", async () => {
  const { clock, paced, add } = setUp();
  add("a");
  add("b");
  deepEqual(
    paced.conditions.map(({ type }) => type),
    ["a"],
  );
  await clock.advance(5_000);
  equal(paced.conditions.length, 2);
});

test("that there is nothing to say any more is said, too", async () => {
  const { clock, present, paced, said, add } = setUp();
  add("a");
  present.length = 0;
  paced.follow();
  await clock.advance(5_000);
  deepEqual([paced.conditions, said], [[], [1, 0]]);
});
