import { deepEqual, equal } from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { FakeClock } from "../../framework/fake/fake-clock.ts";
import { Postponed } from "./postponed.ts";

describe("what is put off", () => {
  let clock: FakeClock;
  let isBusy: boolean;
  let looks: number;
  let due: string[];
  let postponed: Postponed;

  beforeEach(() => {
    clock = new FakeClock();
    [isBusy, looks, due] = [true, 0, []];
    const busy = (): boolean => {
      looks++;
      return isBusy;
    };
    postponed = new Postponed({ busy, clock, onDue: (key) => due.push(key) });
  });

  test("is due when the rush is over, in the order in which it came", () => {
    for (const key of ["a", "b", "c"]) postponed.add(key, 30_000);
    clock.tick(1_000);
    deepEqual(due, []);
    isBusy = false;
    clock.tick(250);
    deepEqual(due, ["a", "b", "c"]);
  });

  test("is due at the end of its patience, and no other with it", () => {
    postponed.add("a", 1_000);
    clock.tick(500);
    postponed.add("b", 1_000);
    clock.tick(500);
    deepEqual(due, ["a"]);
    clock.tick(500);
    deepEqual(due, ["a", "b"]);
  });

  test("goes little by little when its patience ends and the rush does not", () => {
    for (let index = 0; index < 10_000; index++) postponed.add(`s${index}`, 1_000);
    clock.tick(2_000);
    equal(due.length, 25);
    isBusy = false;
    clock.tick(250);
    deepEqual([due.length, new Set(due).size], [10_000, 10_000]);
  });

  test("costs one look a quarter of a second, however much of it there is", () => {
    for (let index = 0; index < 10_000; index++) postponed.add(`s${index}`, 30_000);
    clock.tick(10_000);
    equal(looks, 40);
  });

  test("and put off again meanwhile is due once", () => {
    postponed.add("a", 1_000);
    postponed.add("a", 2_000);
    clock.tick(5_000);
    deepEqual(due, ["a"]);
  });

  test("is forgotten when it is to be, and nothing looks any more", () => {
    postponed.add("a", 1_000);
    postponed.clear();
    clock.tick(5_000);
    deepEqual([due, looks], [[], 0]);
  });
});
