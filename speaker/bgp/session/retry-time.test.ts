import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type RetryCause, retryTime } from "./retry-time.ts";

const longAgo = { dialledAt: 0, failures: 1 };
const at = { now: 500_000, random: 1 };

test("a session that was up is tried again at once", () => {
  equal(retryTime("lost", longAgo, { connectTimeMs: 60_000 }, at), 500_000);
});

test("failures in a row are followed by 1, 2, 4 and more seconds, up to 120", () => {
  const delay = (failures: number) => (retryTime("failed", { dialledAt: 499_000, failures }, {}, at) - at.now) / 1000;
  deepEqual([1, 2, 3, 7, 8, 9, 1_000_000].map(delay), [1, 2, 4, 64, 120, 120, 120]);
});

test("with a connect time attempts begin that far apart", () => {
  const dialled = { dialledAt: 498_000, failures: 9 };
  equal(retryTime("failed", dialled, { connectTimeMs: 5000 }, at), 503_000);
  equal(retryTime("failed", dialled, { connectTimeMs: 1000 }, at), 500_000);
});

test("a refusal is followed by the whole connect time", () => {
  equal(retryTime("refused", { dialledAt: 490_000, failures: 1 }, { connectTimeMs: 5000 }, at), 505_000);
});

test("after a collision the sides try again at different times, within a second more", () => {
  const after = (random: number) => retryTime("collided", { dialledAt: 499_900, failures: 3 }, {}, { ...at, random }) - at.now;
  deepEqual([0, 0.5, 1].map(after), [900, 1400, 1900]);
});

test("the first attempt comes within 200 ms", () => {
  equal(retryTime("start", { dialledAt: undefined, failures: 0 }, { connectTimeMs: 60_000 }, at), 500_200);
  equal(retryTime("start", { dialledAt: undefined, failures: 0 }, {}, { ...at, random: 0 }), 500_000);
});

test("no peer is tried twice within a second, whatever it does, and never later than its limit", () => {
  const causes = fc.constantFrom<RetryCause>("lost", "collided", "failed", "refused");
  const connectTime = fc.option(fc.integer({ min: 1000, max: 65_535_000 }), { nil: undefined });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(causes, connectTime, random, fc.nat(200_000), fc.nat(100), (cause, connectTimeMs, chance, age, failures) => {
      const dialledAt = 1_000_000;
      const now = dialledAt + age;
      const time = retryTime(cause, { dialledAt, failures }, connectTimeMs === undefined ? {} : { connectTimeMs }, {
        now,
        random: chance,
      });
      ok(time >= dialledAt + 1000 && time >= now);
      ok(time <= now + Math.max(connectTimeMs ?? 120_000, 2000));
    }),
  );
});
