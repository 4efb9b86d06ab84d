import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { answered, settled, wanting } from "./own-timing.ts";

const before = settled({ txMs: 300, rxMs: 300 });

test("a slower transmission holds only once the poll is answered, a quicker one at once", () => {
  const slower = wanting(before, { txMs: 900, rxMs: 300 });
  deepEqual([slower.used.txMs, slower.said.txMs, slower.polling], [300, 900, true]);
  deepEqual(answered(slower), settled({ txMs: 900, rxMs: 300 }));
  equal(wanting(before, { txMs: 50, rxMs: 300 }).used.txMs, 50);
});

test("a quicker reception is judged by only once the poll is answered, a slower one at once", () => {
  const quicker = wanting(before, { txMs: 300, rxMs: 50 });
  deepEqual([quicker.used.rxMs, quicker.said.rxMs, quicker.polling], [300, 50, true]);
  equal(answered(quicker).used.rxMs, 50);
  equal(wanting(before, { txMs: 300, rxMs: 900 }).used.rxMs, 900);
});

test("what is wanted during a poll is said in the next one", () => {
  const first = wanting(before, { txMs: 900, rxMs: 300 });
  const second = wanting(first, { txMs: 900, rxMs: 50 });
  deepEqual([second.said, second.polling], [first.said, true]);
  const next = answered(second);
  deepEqual([next.said, next.used, next.polling], [{ txMs: 900, rxMs: 50 }, { txMs: 900, rxMs: 300 }, true]);
});

test("the same values need no poll, and an answer to no poll changes nothing", () => {
  equal(wanting(before, { txMs: 300, rxMs: 300 }).polling, false);
  equal(answered(before), before);
});
