import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { detectionTimeMs } from "../session.ts";
import { Pair } from "./pair.ts";

const seeds = fc.nat(0xffff_ffff);
const intervals = fc.constantFrom(10, 50, 60, 100, 150, 300, 1_000, 2_000);
const values = fc.record({
  desiredMinTxMs: intervals,
  requiredMinRxMs: intervals,
  detectMultiplier: fc.constantFrom(2, 3, 5, 20),
});
type Change = {
  readonly end: 0 | 1;
  readonly after: number;
  readonly values: { desiredMinTxMs: number; requiredMinRxMs: number; detectMultiplier: number };
};
const law = { numRuns: 150 };

/** Detection time of one end by what it has heard; 0 when it has heard nothing. */
function patienceMs(pair: Pair, which: 0 | 1): number {
  const session = pair.session(which);
  return session.remote === undefined ? 0 : detectionTimeMs(session, session.remote);
}

test("on a path without loss both ends are up within three seconds and a half, whatever they are set to, and stay it", () => {
  fc.assert(
    fc.property(seeds, values, values, (seed, a, b) => {
      const pair = new Pair(seed, a, b).run(3_500);
      ok(pair.bothUp);
      pair.changes.length = 0;
      pair.run(20_000);
      deepEqual(pair.changes, []);
    }),
    law,
  );
});

test("delays that vary by less than the patience bring nothing down", () => {
  fc.assert(
    fc.property(seeds, values, values, (seed, a, b) => {
      const pair = new Pair(seed, a, b);
      for (const way of pair.ways) Object.assign(way, { delayMs: 30, jitterMs: 5 });
      pair.run(5_000);
      ok(pair.bothUp);
      pair.changes.length = 0;
      pair.run(10_000);
      deepEqual(pair.changes, []);
    }),
    law,
  );
});

test("silence is a loss after the detection time and not before, on both ways or on one", () => {
  fc.assert(
    fc.property(seeds, values, values, fc.constantFrom([0], [1], [0, 1]), (seed, a, b, cut) => {
      const pair = new Pair(seed, a, b).run(6_000);
      ok(pair.bothUp);
      pair.changes.length = 0;
      for (const way of cut) Object.assign(pair.ways[way as 0 | 1], { loss: 1 });
      pair.run(1); // what was on its way when the path was cut is heard still
      const deaf = cut.map((way) => (way === 0 ? 1 : 0));
      const due = deaf.map((end) => ({
        end,
        at: (pair.session(end as 0 | 1).remote?.heardAt ?? 0) + patienceMs(pair, end as 0 | 1),
      }));
      pair.run(60_000);
      for (const { end, at } of due) {
        const fell = pair.changes.find((change) => change.end === end);
        deepEqual([fell?.to, fell?.cause], ["Down", "expired"]);
        ok(fell !== undefined && fell.at >= at && fell.at <= at + 1, `${fell?.at} is not ${at}`);
      }
      if (cut.length === 1)
        ok(
          pair.changes.some(({ end, to }) => end === cut[0] && to === "Down"),
          "the other end was told",
        );
      ok(!pair.bothUp);
    }),
    law,
  );
});

test("no change of the values drops the session, and both come to agree on them", () => {
  const changes = fc.array(fc.record({ end: fc.constantFrom(0 as const, 1 as const), after: fc.nat(400), values }), {
    minLength: 1,
    maxLength: 8,
  });
  const like = (desiredMinTxMs: number, requiredMinRxMs: number) => ({ desiredMinTxMs, requiredMinRxMs, detectMultiplier: 2 });
  // Twice as fast, then slow again, while the network swaps packets that are less than 0.1 ms apart.
  const swapped: readonly Change[] = [
    { end: 0, after: 0, values: like(300, 10) },
    { end: 1, after: 1, values: like(50, 10) },
    { end: 0, after: 338, values: like(10, 2_000) },
    { end: 0, after: 78, values: like(50, 10) },
    { end: 0, after: 20, values: like(10, 10) },
  ];
  fc.assert(
    fc.property(seeds, values, values, changes, (seed, a, b, list) => {
      const pair = new Pair(seed, a, b).run(6_000);
      ok(pair.bothUp);
      pair.changes.length = 0;
      for (const { end, after, values: next } of list) {
        pair.run(after);
        pair.configure(end, next);
      }
      pair.run(20_000);
      deepEqual(pair.changes, []);
      for (const [own, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const { timing, parameters } = pair.session(own);
        equal(timing.polling, false);
        deepEqual(timing.used, { txMs: parameters.desiredMinTxMs, rxMs: parameters.requiredMinRxMs });
        equal(pair.session(other).remote?.desiredMinTxUs, parameters.desiredMinTxMs * 1_000);
      }
    }),
    { ...law, examples: [[2154052324, like(10, 1_000), like(10, 300), [...swapped]]] },
  );
});

test("a poll goes on until its answer comes through, however many packets are lost", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const pair = new Pair(seed, { detectMultiplier: 50 }, { detectMultiplier: 50 }).run(5_000);
      for (const way of pair.ways) way.loss = 0.5;
      pair.configure(0, { desiredMinTxMs: 900, requiredMinRxMs: 100 });
      pair.run(60_000);
      ok(pair.bothUp);
      deepEqual(pair.session(0).timing.used, { txMs: 900, rxMs: 100 });
    }),
    { numRuns: 30 },
  );
});

test("with every tenth packet lost, twenty in a row are lost by nobody", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const pair = new Pair(seed, { detectMultiplier: 20 }, { detectMultiplier: 20 }).run(5_000);
      pair.changes.length = 0;
      for (const way of pair.ways) way.loss = 0.1;
      pair.run(120_000);
      deepEqual(pair.changes, []);
    }),
    { numRuns: 10 },
  );
});

test("an end that stood still blames nobody: only the other one may have missed it", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 3_000 }), (seed, ms) => {
      const fast = { desiredMinTxMs: 50, requiredMinRxMs: 50 };
      const pair = new Pair(seed, fast, fast).run(5_000);
      pair.changes.length = 0;
      pair.stall(0, ms);
      pair.run(20_000);
      ok(pair.bothUp);
      for (const { end, cause, to } of pair.changes) if (end === 0 && to === "Down") equal(cause, "neighbour-down");
      if (ms < 100) deepEqual(pair.changes, []);
    }),
    law,
  );
});

test("a passive end comes up with one that is not, and two of them say nothing", () => {
  ok(new Pair(1, { passive: true }).run(4_000).bothUp);
  const pair = new Pair(1, { passive: true }, { passive: true }).run(60_000);
  deepEqual(pair.changes, []);
});

test("after a loss the same ends come up again, and a process that was started anew comes up with the old one", () => {
  const pair = new Pair(1).run(5_000);
  for (const way of pair.ways) way.loss = 1;
  pair.run(5_000);
  ok(!pair.bothUp);
  for (const way of pair.ways) way.loss = 0;
  ok(pair.run(4_000).bothUp);
});
