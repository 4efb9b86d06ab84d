import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { removeGroups } from "./cgroup.ts";
import { removeNetwork } from "./network.ts";
import { signal, stopProcess } from "./process.ts";
import { logDir, readState, removeStateDir } from "./state.ts";

/** Removes a lab, whole or crashed: processes, namespaces, folder. Removing one that does not exist is harmless. */
export async function takeDown(id: string): Promise<void> {
  const processes = readState(id)?.processes ?? [];
  const agent = processes.find(({ name }) => name === "agent");
  if (agent !== undefined) await stopProcess(agent, 5000); // first: it would start again what is killed
  for (const record of processes) signal(record, "SIGKILL");
  await removeNetwork(id);
  removeGroups(id);
  removeStateDir(id);
}

/** Keeps a lab's logs for whoever looks into a failure. @returns where. */
export function keepLogs(id: string, projectDir: string): string | undefined {
  const kept = join(projectDir, ".build/lab-logs", id);
  if (!existsSync(logDir(id))) return undefined;
  rmSync(kept, { recursive: true, force: true });
  cpSync(logDir(id), kept, { recursive: true });
  return kept;
}
