import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readCpuLimit } from "./cpu-limit-files.ts";

/** What is read where these files are. */
function readingIn(files: Readonly<Record<string, string>>): ReturnType<typeof readCpuLimit> {
  const root = mkdtempSync(join(tmpdir(), "herald-cpu-limit-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return readCpuLimit(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const limited = (quotaMs: number) => ({ type: "limited", limit: { quotaMs, periodMs: 100 } });

test("version 2 has its limit at the top of what the container sees", () =>
  deepEqual(readingIn({ "cpu.max": "50000 100000\n" }), limited(50)));

for (const folder of ["cpu", "cpu,cpuacct"])
  test(`version 1 has its limit in the folder ${folder}`, () => {
    const files = { [`${folder}/cpu.cfs_quota_us`]: "10000\n", [`${folder}/cpu.cfs_period_us`]: "100000\n" };
    deepEqual(readingIn(files), limited(10));
  });

test("where there is no file, there is no limit", () => {
  equal(readingIn({}).type, "unlimited");
  equal(readingIn({ "cpu/cpu.shares": "1024\n" }).type, "unlimited");
});

test("a folder in place of the file cannot be read", () => equal(readingIn({ "cpu.max/x": "" }).type, "unreadable"));
