import { readFileSync, writeFileSync } from "node:fs";

/** Resident memory of a process in MiB: now, of it what belongs to files and what does not, and the highest since {@link forgetPeak}. */
export type Memory = { readonly now: number; readonly anonymous: number; readonly file: number; readonly peak: number };

/** Read from /proc, as VmRSS, RssAnon, RssFile and VmHWM. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { now: mebibytes("VmRSS"), anonymous: mebibytes("RssAnon"), file: mebibytes("RssFile"), peak: mebibytes("VmHWM") };
}

/** From here on the peak counts anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Seconds of CPU that all threads of a process have used, in user and kernel mode; in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How long ago a process began, in milliseconds; in steps of 10 ms. */
export function startedMsAgo(pid: number): number {
  const startedAt = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19]) * 10;
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000 - startedAt;
}
