import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import type { LimitReading } from "./cpu-limit.ts";
import { CpuLimitWatch } from "./cpu-limit-watch.ts";

const limitOf = (quotaMs: number): LimitReading => ({ type: "limited", limit: { quotaMs, periodMs: 100 } });
const unlimited: LimitReading = { type: "unlimited" };
const broken: LimitReading = { type: "unreadable", reason: "nonsense" };

/** Reads these one after another, a minute each; then what each reader was told. */
async function follow(...readings: readonly LimitReading[]) {
  const [clock, log] = [new FakeClock(), new FakeLog()];
  const limits: (number | undefined)[] = [];
  let present: LimitReading = unlimited;
  const onLimit = (limit: { readonly quotaMs: number } | undefined) => limits.push(limit?.quotaMs);
  const watch = new CpuLimitWatch({ read: () => present, clock, log, onLimit });
  for (const [index, reading] of readings.entries()) {
    present = reading;
    if (index === 0) watch.start();
    else await clock.advance(60_000);
  }
  watch.stop();
  return { limits, log, left: clock.pending };
}

test("a limit is known from the start and said once", async () => {
  const { limits, log } = await follow(limitOf(50), limitOf(50), limitOf(50));
  deepEqual(limits, [50]);
  equal(log.lines.length, 1);
  deepEqual(log.lines[0]?.fields, { cores: 0.5, periodMs: 100 });
});

test("nothing is said where there is no limit", async () => {
  const { limits, log } = await follow(unlimited, unlimited);
  deepEqual([limits, log.lines], [[], []]);
});

test("a limit that changes, goes or comes while the process runs is followed", async () => {
  const { limits } = await follow(unlimited, limitOf(50), limitOf(100), unlimited);
  deepEqual(limits, [50, 100, undefined]);
});

test("what cannot be read counts as no limit, and that is said once", async () => {
  const { limits, log } = await follow(limitOf(50), broken, broken, broken);
  deepEqual(limits, [50, undefined]);
  equal(log.at("warn").length, 1);
});

test("a watch that was stopped waits for nothing", async () => {
  equal((await follow(limitOf(50), limitOf(50))).left, 0);
});
