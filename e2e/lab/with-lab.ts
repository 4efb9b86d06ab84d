import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { run } from "./command.ts";
import { Lab } from "./lab.ts";
import { createNetwork } from "./network.ts";
import { missingPrerequisite } from "./prerequisites.ts";
import { ownRecord } from "./process.ts";
import { bringUp, type LabOptions, projectDir } from "./start.ts";
import { claimStateDir } from "./state.ts";
import { keepLogs, takeDown } from "./stop.ts";
import { hostsOf, planTopology, type Topology } from "./topology.ts";
import { until } from "./until.ts";

export type TestLabOptions = Partial<Pick<LabOptions, "nodes" | "family" | "nodeMonitorGraceSeconds">>;

/** The machines alone. */
export type TestSegment = {
  readonly topology: Topology;
  readonly stop: () => Promise<void>;
  readonly keepLogs: () => string | undefined;
};

export type TestLab = { readonly lab: Lab; readonly stop: () => Promise<void>; readonly keepLogs: () => string | undefined };

const signals = ["SIGINT", "SIGTERM"] as const;

/** The labs that this process has put up and not yet taken down. */
const own = new Set<string>();

/** Takes all of them down, then ends as the signal would have it. */
function leave(name: NodeJS.Signals): void {
  void Promise.allSettled([...own].map(takeDown)).then(() => process.kill(process.pid, name));
}

/**
 * A lab for one test file, under an id of its own. It goes with `stop`, and also when the test's process is interrupted
 * or killed.
 * @throws {Error} in one sentence when this machine cannot run labs.
 */
export async function startTestLab(options: TestLabOptions = {}): Promise<TestLab> {
  const id = ownId();
  const state = await bringUp({ id, nodes: 3, family: "dual", nodeMonitorGraceSeconds: 50, owner: ownRecord(), ...options });
  const lab = new Lab(state);
  const stop = async (): Promise<void> => {
    lab.api.close();
    await remove(id);
  };
  return { lab, stop, keepLogs: () => keepLogs(id, projectDir) };
}

/** As {@link startTestLab}, without the cluster: the segment, and on it nodes, router and client with nothing running. */
export async function startTestSegment(options: TestLabOptions = {}): Promise<TestSegment> {
  const id = ownId();
  const topology = planTopology({ id, nodes: 3, family: "dual", ...options });
  claimStateDir(id);
  const guard = guardOf(id);
  await createNetwork(topology);
  // Until duplicate address detection is over, a router takes no next hop of the segment for reachable.
  await until("every machine may use its IPv6 addresses", 10_000, () => addressesUsable(topology));
  const stop = async (): Promise<void> => {
    if (guard.pid !== undefined) process.kill(-guard.pid, "SIGKILL");
    await remove(id);
  };
  return { topology, stop, keepLogs: () => keepLogs(id, projectDir) };
}

async function addressesUsable(topology: Topology): Promise<boolean> {
  const answers = hostsOf(topology).map(({ namespace }) =>
    run("ip", ["-n", namespace, "-6", "-o", "address", "show", "tentative"]),
  );
  return (await Promise.all(answers)).every(({ stdout }) => stdout === "");
}

/** @throws {Error} in one sentence when this machine cannot run labs. */
function ownId(): string {
  const lack = missingPrerequisite();
  if (lack !== undefined) throw new Error(lack);
  const id = `t${randomInt(36 ** 7).toString(36)}`;
  if (own.size === 0) for (const name of signals) process.once(name, leave);
  own.add(id);
  return id;
}

async function remove(id: string): Promise<void> {
  await takeDown(id);
  own.delete(id);
  if (own.size === 0) for (const name of signals) process.off(name, leave);
}

/** What an agent does for a lab: removes the segment when this process is killed. */
function guardOf(id: string): ChildProcess {
  const script = 'tail --pid="$1" -f /dev/null; exec "$2" "$3" down --id "$4"';
  const args = [String(process.pid), process.execPath, join(import.meta.dirname, "main.ts"), id];
  const guard = spawn("bash", ["-c", script, "guard", ...args], { detached: true, stdio: "ignore" });
  guard.unref();
  return guard;
}

/** Runs `use` in a lab of its own and removes the lab, whatever comes; when `use` fails its logs are kept. */
export async function withLab<T>(options: TestLabOptions, use: (lab: Lab) => Promise<T>): Promise<T> {
  const { lab, stop, keepLogs: keep } = await startTestLab(options);
  try {
    return await use(lab);
  } catch (error) {
    console.error(`the lab's logs: ${keep()}`);
    throw error;
  } finally {
    await stop();
  }
}
