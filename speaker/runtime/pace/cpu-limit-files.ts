import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LimitReading, readingOfCfs, readingOfCpuMax } from "./cpu-limit.ts";

/** Where a container sees its own control group. */
const mountPoint = "/sys/fs/cgroup";

/** Of version 1, whose controllers are mounted alone or together. */
const version1 = ["cpu", "cpu,cpuacct"];

/**
 * The limit of CPU that this process's container has, by whichever version of control groups is mounted. No files: no limit.
 * @param root where the group is seen.
 */
export function readCpuLimit(root: string = mountPoint): LimitReading {
  try {
    const cpuMax = contentOf(join(root, "cpu.max"));
    if (cpuMax !== undefined) return readingOfCpuMax(cpuMax);
    for (const folder of version1) {
      const quota = contentOf(join(root, folder, "cpu.cfs_quota_us"));
      const period = contentOf(join(root, folder, "cpu.cfs_period_us"));
      if (quota !== undefined && period !== undefined) return readingOfCfs(quota, period);
    }
    return { type: "unlimited" };
  } catch (error) {
    return { type: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Undefined: there is no such file. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}
