import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LimitReading, readingOfCfs, readingOfCpuMax } from "./cpu-limit.ts";

const half: LimitReading = { type: "limited", limit: { quotaMs: 50, periodMs: 100 } };
const none: LimitReading = { type: "unlimited" };

const version2 = [
  { text: "50000 100000\n", reading: half },
  { text: "50000\n", reading: half },
  { text: "12500 25000\n", reading: { type: "limited", limit: { quotaMs: 12.5, periodMs: 25 } } },
  { text: "max 100000\n", reading: none },
  { text: "max\n", reading: none },
] as const;
for (const { text, reading } of version2)
  test(`cpu.max ${JSON.stringify(text)} is ${reading.type}`, () => deepEqual(readingOfCpuMax(text), reading));

const version1 = [
  { quota: "50000\n", period: "100000\n", reading: half },
  { quota: "-1\n", period: "100000\n", reading: none },
] as const;
for (const { quota, period, reading } of version1)
  test(`cpu.cfs_quota_us ${JSON.stringify(quota)} is ${reading.type}`, () => deepEqual(readingOfCfs(quota, period), reading));

for (const text of ["", "0 100000", "50000 0", "-5 100000", "50000 100000 7", "max 1 2", "5e4 100000", "many 100000"])
  test(`"${text}" is no limit and is said to be unreadable`, () => equal(readingOfCpuMax(text).type, "unreadable"));

test("any text has a reading, and a limit is a positive time in a positive time", () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^-?\d{0,14} ?\d{0,14}$/));
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      for (const reading of [readingOfCpuMax(a), readingOfCfs(a, b)])
        if (reading.type === "limited") ok(reading.limit.quotaMs > 0 && reading.limit.periodMs > 0);
    }),
  );
});
