import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { contestsOf, gapsOf, lengthOf, movesOf, tenuresOf } from "./tenure.ts";
import type { Sighting } from "./timeline.ts";

const quietMs = 20;

/** One answer every 5 ms from `from` to `to`. */
function answers(mac: string, from: number, to: number): readonly Sighting[] {
  const count = (to - from) / 5 + 1;
  return Array.from({ length: count }, (_, index) => ({ at: from + 5 * index, address: "a", mac, unasked: false }));
}

function tenures(...runs: readonly (readonly Sighting[])[]): ReturnType<typeof tenuresOf> {
  return tenuresOf(
    runs.flat().sort((x, y) => x.at - y.at),
    "a",
    quietMs,
  );
}

test("an owner's answers are one tenure while no pause is longer than the quiet time", () => {
  deepEqual(tenures(answers("m", 0, 100), answers("m", 120, 150)), [{ mac: "m", from: 0, to: 150 }]);
  equal(tenures(answers("m", 0, 100), answers("m", 125, 150)).length, 2);
});

test("other addresses and unasked announcements are no answers", () => {
  const foreign = answers("x", 0, 50).map((answer) => ({ ...answer, address: "b" }));
  const unasked = answers("x", 0, 50).map((answer) => ({ ...answer, unasked: true }));
  deepEqual(tenures(answers("m", 0, 50), foreign, unasked), [{ mac: "m", from: 0, to: 50 }]);
});

test("a clean move is no contest, one move and one gap", () => {
  const clean = tenures(answers("m", 0, 100), answers("n", 400, 500));
  deepEqual(contestsOf(clean), []);
  equal(movesOf(clean), 1);
  deepEqual(gapsOf(clean), [{ from: 100, to: 400 }]);
});

test("two owners at once are a contest for as long as both answer", () => {
  const both = tenures(answers("m", 0, 300), answers("n", 100, 400));
  deepEqual(contestsOf(both), [{ from: 100, to: 300 }]);
  deepEqual(gapsOf(both), []);
});

test("a third owner makes a contest no longer than it is", () => {
  const three = tenures(answers("m", 0, 400), answers("n", 100, 250), answers("o", 150, 300));
  equal(lengthOf(contestsOf(three)), 200);
});

test("there and back are two moves; an interruption by nobody is none", () => {
  equal(movesOf(tenures(answers("m", 0, 100), answers("n", 200, 300), answers("m", 400, 500))), 2);
  equal(movesOf(tenures(answers("m", 0, 100), answers("m", 400, 500))), 0);
});

test("an owner that is silent while another one answers has stopped, however soon it begins again", () => {
  const runs = [answers("m", 0, 100), answers("n", 110, 160), answers("m", 180, 300)].flat();
  const found = tenuresOf(runs, "a", 100);
  deepEqual(
    found.map(({ mac, from, to }) => [mac, from, to]),
    [
      ["m", 0, 100],
      ["n", 110, 160],
      ["m", 180, 300],
    ],
  );
  deepEqual([contestsOf(found).length, movesOf(found)], [0, 2]);
});

test("one that answers seldom while another one answers is in a contest all the same", () => {
  const seldom = answers("m", 0, 600).filter(({ at }) => at % 30 === 0);
  const runs = [...seldom, ...answers("n", 100, 400)].sort((x, y) => x.at - y.at);
  deepEqual(contestsOf(tenuresOf(runs, "a", 100)), [{ from: 100, to: 400 }]);
});

test("an owner that answers before, while and after another one does has not lost the address", () => {
  equal(movesOf(tenures(answers("m", 0, 300), answers("n", 100, 200))), 0);
  equal(movesOf(tenures(answers("m", 0, 200), answers("n", 100, 300))), 1);
});

test("an owner that falls silent just after the next one speaks hands over; one that goes on, or answers in between, does not", () => {
  deepEqual(contestsOf(tenures(answers("m", 0, 300), answers("n", 200, 600))), []);
  deepEqual(contestsOf(tenures(answers("m", 0, 305), answers("n", 200, 600))), [{ from: 200, to: 305 }]);
  deepEqual(contestsOf(tenures(answers("m", 0, 300), answers("n", 200, 200))), [{ from: 200, to: 200 }]);
});
