import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process and when it started, so that a reused pid is never mistaken for it. */
export type ProcessRecord = { readonly name: string; readonly pid: number; readonly startedAt: string };

export type DaemonOptions = {
  readonly name: string;
  /** Network namespace. */
  readonly namespace: string;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** Starts a process that outlives this one, in a network namespace, its output appended to a log file. */
export function startDaemon(options: DaemonOptions): ProcessRecord {
  const log = openSync(options.logFile, "a", 0o644);
  try {
    const child = spawn("nsenter", [`--net=${namespacePath(options.namespace)}`, "--", ...options.command], {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    child.unref();
    return recordOf(options.name, child);
  } finally {
    closeSync(log);
  }
}

/** @throws {Error} when the child did not start. */
export function recordOf(name: string, child: ChildProcess): ProcessRecord {
  child.on("error", () => {}); // the missing pid below says it
  if (child.pid === undefined) throw new Error(`cannot start ${name}`);
  return { name, pid: child.pid, startedAt: startTime(child.pid) ?? "" };
}

/** This process. */
export function ownRecord(): ProcessRecord {
  return { name: "owner", pid: process.pid, startedAt: startTime(process.pid) ?? "" };
}

/** The mount that `ip netns add` makes; entering it with nsenter leaves the mount namespace alone, unlike `ip netns exec`. */
export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}

export function isAlive(record: ProcessRecord): boolean {
  return startTime(record.pid) === record.startedAt;
}

/** Sends a signal; false when the process is gone. */
export function signal(record: ProcessRecord, name: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false;
  try {
    return process.kill(record.pid, name);
  } catch {
    return false;
  }
}

/** SIGTERM, then SIGKILL after `graceMs`. */
export async function stopProcess(record: ProcessRecord, graceMs: number): Promise<void> {
  signal(record, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (isAlive(record) && Date.now() < deadline) await sleep(20);
  signal(record, "SIGKILL");
  while (isAlive(record)) await sleep(5);
}

/** Kernel ticks at which a process started (field 22 of its stat), undefined when it is gone or a zombie. */
function startTime(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
    return fields?.[0] === "Z" ? undefined : fields?.[19];
  } catch {
    return undefined;
  }
}
