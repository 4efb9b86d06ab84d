import { readFileSync, writeFileSync } from "node:fs";

/** Resident memory of a process in MiB: now, and the highest since {@link forgetPeak}. */
export type Memory = { readonly now: number; readonly peak: number };

/** Read from /proc, as VmRSS and VmHWM. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { now: mebibytes("VmRSS"), peak: mebibytes("VmHWM") };
}

/** From here on the peak counts anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
