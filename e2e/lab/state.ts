import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessRecord } from "./process.ts";
import type { Family } from "./topology.ts";

/** What a lab must remember between `up` and `down`. */
export type LabState = {
  readonly id: string;
  readonly family: Family;
  readonly nodes: number;
  readonly kubectl: string;
  /** Port on the host's 127.0.0.1 that leads to the lab's API server. */
  readonly apiPort: number;
  readonly processes: readonly ProcessRecord[];
};

/** Parent of all labs' folders; fixed, so that `down` finds what `up` made whatever the environment says. */
export function stateRoot(): string {
  return process.env["HERALD_LAB_DIR"] ?? "/tmp/herald-lab";
}

export function stateDir(id: string): string {
  return join(stateRoot(), id);
}

export function kubeconfigPath(id: string): string {
  return join(stateDir(id), "kubeconfig");
}

export function logDir(id: string): string {
  return join(stateDir(id), "logs");
}

/**
 * Claims a lab id.
 * @throws {Error} in one sentence when a lab of this id exists, up or crashed.
 */
export function claimStateDir(id: string): void {
  mkdirSync(stateRoot(), { recursive: true, mode: 0o700 });
  chmodSync(stateRoot(), 0o700);
  try {
    mkdirSync(stateDir(id));
  } catch (cause) {
    const way = `node e2e/lab/main.ts down --id ${id}`;
    throw new Error(`lab "${id}" exists already: use it, take it down with "${way}", or choose another --id`, { cause });
  }
  for (const folder of ["logs", "pki", "etcd", "pods", "cut"]) mkdirSync(join(stateDir(id), folder));
}

export function writeState(state: LabState): void {
  const path = join(stateDir(state.id), "state.json");
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Undefined when the lab does not exist or crashed before it was up. */
export function readState(id: string): LabState | undefined {
  const path = join(stateDir(id), "state.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as LabState) : undefined;
}

/** Ids of the labs that left a folder, up or not. */
export function labIds(): readonly string[] {
  return existsSync(stateRoot()) ? readdirSync(stateRoot()).sort() : [];
}

export function removeStateDir(id: string): void {
  rmSync(stateDir(id), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
