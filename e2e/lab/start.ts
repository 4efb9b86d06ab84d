import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { AgentOptions } from "./agent.ts";
import { ApiClient } from "./api-client.ts";
import {
  findBinaries,
  type KubeBinaries,
  segmentKubeconfig,
  startApiServer,
  startControllerManager,
  startEtcd,
  startKubeProxy,
} from "./control-plane.ts";
import { createNetwork } from "./network.ts";
import { apiServerOnSegment, createPki, writeKubeconfig } from "./pki.ts";
import { namespacePath, type ProcessRecord, recordOf } from "./process.ts";
import { claimStateDir, kubeconfigPath, type LabState, logDir, stateDir, writeState } from "./state.ts";
import { keepLogs, takeDown } from "./stop.ts";
import { planTopology, type Topology, type TopologyOptions } from "./topology.ts";
import { until } from "./until.ts";

export type LabOptions = TopologyOptions & {
  /** Kubernetes' default is 50: how long a silent node is still called Ready. */
  readonly nodeMonitorGraceSeconds: number;
  /** The lab goes when this process is gone. */
  readonly owner?: ProcessRecord;
};

/** The project this file belongs to. */
export const projectDir = join(import.meta.dirname, "../..");

/**
 * Puts a lab up and returns when the API server answers and every node is Ready. On failure nothing is left behind.
 * @throws {Error} in one sentence when a lab of this id exists or something is missing.
 */
export async function bringUp(options: LabOptions): Promise<LabState> {
  const topology = planTopology(options);
  const binaries = await findBinaries(projectDir);
  claimStateDir(options.id);
  try {
    return await build(topology, binaries, options);
  } catch (error) {
    const logs = keepLogs(options.id, projectDir);
    await takeDown(options.id);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`lab "${options.id}" did not come up: ${message}. Its logs: ${logs}`, { cause: error });
  }
}

async function build(topology: Topology, binaries: KubeBinaries, options: LabOptions): Promise<LabState> {
  const { id } = topology;
  const pki = join(stateDir(id), "pki");
  await Promise.all([createNetwork(topology), createPki(pki, topology)]);
  const processes: ProcessRecord[] = [startEtcd(topology, binaries), startApiServer(topology, binaries)];
  writeKubeconfig(segmentKubeconfig(id), pki, apiServerOnSegment(topology));
  const agent = await startAgent(topology, options, pki);
  processes.push(agent.record);
  writeKubeconfig(kubeconfigPath(id), pki, `127.0.0.1:${agent.apiPort}`);
  const state = (): LabState => {
    const { family, nodes } = options;
    return { id, family, nodes, kubectl: binaries.KUBECTL, apiPort: agent.apiPort, processes };
  };
  writeState(state());
  const api = ApiClient.fromKubeconfig(kubeconfigPath(id));
  await until("the API server is ready", 60_000, async () => (await api.text("/readyz")) === "ok", { needed: processes });
  processes.push(startControllerManager(topology, binaries, options));
  for (const host of [topology.controlPlane, ...topology.nodes]) processes.push(startKubeProxy(topology, binaries, host));
  writeState(state());
  await until("every node is Ready and has its ServiceAccount", 60_000, () => isUsable(api, topology), { needed: processes });
  api.close();
  return state();
}

async function isUsable(api: ApiClient, topology: Topology): Promise<boolean> {
  await api.get("/api/v1/namespaces/default/serviceaccounts/default");
  type Nodes = {
    items: readonly { spec: { taints?: unknown }; status: { conditions?: readonly { type: string; status: string }[] } }[];
  };
  const { items } = await api.get<Nodes>("/api/v1/nodes");
  const ready = items.filter(
    ({ spec, status }) =>
      spec.taints === undefined && status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  return ready.length === topology.nodes.length;
}

/** The agent is handed a socket that listens on the host's loopback: see agent.ts. */
async function startAgent(
  topology: Topology,
  options: LabOptions,
  pki: string,
): Promise<{ readonly record: ProcessRecord; readonly apiPort: number }> {
  const kubeconfig = join(pki, "agent.kubeconfig");
  writeKubeconfig(kubeconfig, pki, "127.0.0.1:6443");
  const { id, nodes, family } = options;
  const heartbeatMs = Math.min(10_000, options.nodeMonitorGraceSeconds * 200);
  const agentOptions: AgentOptions = {
    id,
    nodes,
    family,
    kubeconfig,
    projectDir,
    heartbeatMs,
    ...(options.owner && { owner: options.owner }),
  };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const log = openSync(join(logDir(id), "agent.log"), "a");
  const enter = `--net=${namespacePath(topology.controlPlane.namespace)}`;
  const command = [enter, "--", process.execPath, join(import.meta.dirname, "agent.ts"), JSON.stringify(agentOptions)];
  const hostNetwork = openSync("/proc/self/ns/net", "r");
  const child = spawn("nsenter", command, { detached: true, stdio: ["ignore", log, log, "ipc", hostNetwork] });
  closeSync(log);
  closeSync(hostNetwork);
  const record = recordOf("agent", child);
  await new Promise<void>((resolve, reject) => {
    child.send("listener", server, (error) => (error === null ? resolve() : reject(error)));
    child.on("exit", () => reject(new Error("the lab's agent ended; its log is agent.log")));
  });
  await new Promise((resolve) => child.once("disconnect", resolve));
  server.close();
  child.unref();
  return { record, apiPort: port };
}
