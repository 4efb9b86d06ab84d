import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { lanTiming, wanTiming } from "./timing.ts";
import { Watch } from "./watch.ts";

function heardWatch(): Watch {
  const watch = new Watch(lanTiming, 0);
  watch.heard(100, 100);
  return watch;
}

test("a node is late 130 ms after it was heard, and may die after 300 ms", () => {
  const watch = heardWatch();
  equal(watch.isLate(229), false);
  ok(watch.isLate(230));
  equal(watch.limitMs(230), 300);
  equal(new Watch(wanTiming, 0).limitMs(0), 2000);
});

test("the limit is half as much again as the longest pause that it lived through, and no more than 5 s", () => {
  const watch = heardWatch();
  watch.heard(350, 350);
  equal(watch.limitMs(350), 375);
  watch.heard(10_350, 10_350);
  equal(watch.limitMs(10_350), 5000);
  equal(watch.limitMs(80_000), 300);
});

test("the beginning of a watch is no sign of life", () => {
  const watch = new Watch(lanTiming, 50);
  equal(watch.knownAt, undefined);
  watch.heard(100, 100);
  equal(watch.knownAt, 100);
  watch.excuse(5000);
  equal(watch.knownAt, undefined);
});

test("the time before a node was first heard is no pause of it", () => {
  const watch = new Watch(lanTiming, 0);
  watch.heard(900, 900);
  equal(watch.limitMs(900), 300);
});

test("the time in which we heard nobody is no pause of it", () => {
  const watch = heardWatch();
  watch.excuse(5000);
  watch.heard(5010, 5010);
  equal(watch.limitMs(5010), 300);
});

test("nobody dies without a witness", () => {
  const watch = heardWatch();
  watch.asked("b", 240);
  equal(watch.hasWitness(1000), false);
});

test("another watcher that suspects is a witness, one that waits is none", () => {
  const watch = heardWatch();
  watch.said("b", "waits", 400);
  equal(watch.hasWitness(400), false);
  watch.said("c", "suspects", 400);
  ok(watch.hasWitness(400));
});

test("while a watcher waits, a stranger's word does not count", () => {
  const watch = heardWatch();
  watch.asked("c", 240);
  watch.said("c", "stranger", 400);
  ok(watch.hasWitness(400));
  watch.said("b", "waits", 400);
  equal(watch.hasWitness(400), false);
});

test("a stranger's word counts when it has probed for 100 ms", () => {
  const watch = heardWatch();
  watch.asked("c", 350);
  watch.said("c", "stranger", 400);
  equal(watch.hasWitness(400), false);
  ok(watch.hasWitness(450));
});

test("a word is good for 150 ms", () => {
  const watch = heardWatch();
  watch.said("b", "suspects", 400);
  ok(watch.hasWitness(550));
  equal(watch.hasWitness(551), false);
});

test("a sign of life ends the case", () => {
  const watch = heardWatch();
  watch.said("b", "suspects", 400);
  watch.suspecting = true;
  watch.heard(410, 410);
  equal(watch.hasWitness(410), false);
  equal(watch.suspecting, false);
});

test("what another heard counts only when it is clearly later", () => {
  const watch = heardWatch();
  watch.heardBy(140, 400);
  equal(watch.heardAt, 100);
  watch.heardBy(200, 400);
  equal(watch.heardAt, 200);
});

test("who was asked and says nothing is speechless after 100 ms", () => {
  const watch = heardWatch();
  watch.asked("b", 240);
  equal(watch.isSpeechless("b", 300), false);
  ok(watch.isSpeechless("b", 340));
  watch.said("b", "stranger", 345);
  equal(watch.isSpeechless("b", 350), false);
  equal(watch.isSpeechless("c", 350), false);
});

test("there is something to do when it is late, when to ask again, and at the limit", () => {
  const watch = heardWatch();
  equal(watch.nextAt(150), 230);
  watch.nextProbeAt = 395;
  equal(watch.nextAt(380), 395);
  watch.nextProbeAt = 405;
  equal(watch.nextAt(390), 400);
  watch.suspecting = true;
  equal(watch.nextAt(400), 405);
});
