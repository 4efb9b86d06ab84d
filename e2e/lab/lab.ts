import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type TestCluster, urlOf } from "../cluster.ts";
import { neighbourOf } from "../neighbour.ts";
import { ApiClient } from "./api-client.ts";
import { type CommandResult, must, run } from "./command.ts";
import { mainPidOf } from "./container-process.ts";
import { findBinaries, startApiServer } from "./control-plane.ts";
import { curlFrom } from "./curl.ts";
import { setCable } from "./network.ts";
import { namespacePath, signal } from "./process.ts";
import { projectDir } from "./start.ts";
import { kubeconfigPath, type LabState, readState, stateDir, writeState } from "./state.ts";
import { hostsOf, isIPv6, type NodeHost, planTopology, type Topology } from "./topology.ts";
import { until } from "./until.ts";

/** What tests do with a lab that is up. */
export class Lab implements TestCluster {
  readonly topology: Topology;
  readonly api: ApiClient;
  readonly #kubectl: string;

  constructor(state: LabState) {
    this.topology = planTopology(state);
    this.#kubectl = state.kubectl;
    this.api = ApiClient.fromKubeconfig(kubeconfigPath(state.id));
  }

  get families(): readonly ("ipv4" | "ipv6")[] {
    return this.topology.client.addresses.map((address) => (isIPv6(address) ? "ipv6" : "ipv4"));
  }

  get nodes(): readonly string[] {
    return this.topology.nodes.map(({ name }) => name);
  }

  range(first: number, last: number): readonly string[] {
    return this.families.map((family) =>
      family === "ipv6" ? `fd30::${first}-fd30::${last}` : `172.30.0.${first}-172.30.0.${last}`,
    );
  }

  kubectl(args: readonly string[], input?: string): Promise<CommandResult> {
    const withInput = input === undefined ? {} : { input };
    return run(this.#kubectl, ["--kubeconfig", kubeconfigPath(this.topology.id), ...args], withInput);
  }

  curl(url: string): Promise<string | undefined> {
    return curlFrom(this.topology.client.namespace, url);
  }

  macOf(address: string): Promise<string | undefined> {
    return neighbourOf((command) => this.exec("c", command), address);
  }

  async nodeOfMac(mac: string): Promise<string | undefined> {
    for (const node of this.topology.nodes) {
      const [link] = JSON.parse(await must("ip", ["-n", node.namespace, "-j", "link", "show", "eth0"]));
      if (link.address === mac) return node.name;
    }
    return undefined;
  }

  /** Runs a command on a machine: a node, `c` the client, `r` the router, `cp` the control plane. */
  exec(machine: string, command: readonly string[]): Promise<CommandResult> {
    const host = hostsOf(this.topology).find(({ name }) => name === machine);
    if (host === undefined) throw new Error(`the lab has no machine "${machine}"`);
    return run("nsenter", [`--net=${namespacePath(host.namespace)}`, "--", ...command]);
  }

  /** Pulls the node's cable; its kubelet is cut off from the API server with it. */
  async cut(node: string): Promise<void> {
    this.holdKubelet(node, true);
    await setCable(this.topology, this.#node(node), false);
  }

  async restore(node: string): Promise<void> {
    await setCable(this.topology, this.#node(node), true);
    this.holdKubelet(node, false);
  }

  /** Cuts the node's kubelet off from the API server, or lets it back. It goes with every fault that cuts off the node. */
  holdKubelet(node: string, held: boolean): void {
    const mark = join(stateDir(this.topology.id), "cut", node);
    if (held) writeFileSync(mark, "");
    else rmSync(mark, { force: true });
  }

  /** Kills the first process of a pod's container with SIGKILL, as the kernel does when memory runs out. */
  killPod(namespace: string, pod: string, container: string): void {
    this.signalPod(namespace, pod, container, "SIGKILL");
  }

  /** Sends a signal to the first process of a pod's container. */
  signalPod(namespace: string, pod: string, container: string, name: NodeJS.Signals): void {
    const file = join(stateDir(this.topology.id), "pods", `${namespace}_${pod}`, `${container}.pid`);
    const pid = mainPidOf(Number(readFileSync(file, "utf8")));
    if (pid === undefined) throw new Error(`container ${container} of ${namespace}/${pod} does not run`);
    process.kill(pid, name);
  }

  /** Kills the API server, and starts it again after `downForMs`. Returns when it is ready. */
  async restartApiServer({ downForMs }: { readonly downForMs: number }): Promise<void> {
    const state = readState(this.topology.id);
    const running = state?.processes.find(({ name }) => name === "kube-apiserver");
    if (state === undefined || running === undefined) throw new Error(`lab "${this.topology.id}" has no API server`);
    signal(running, "SIGKILL");
    await sleep(downForMs);
    const started = startApiServer(this.topology, await findBinaries(projectDir));
    const processes = state.processes.map((record) => (record === running ? started : record));
    writeState({ ...state, processes });
    await until("the API server is ready again", 60_000, async () => (await this.api.text("/readyz")) === "ok", {
      needed: [started],
    });
  }

  /** True when the Service answers the client on `address`. */
  async answers(address: string, port = 80): Promise<boolean> {
    return (await this.curl(urlOf(address, port))) !== undefined;
  }

  #node(name: string): NodeHost {
    const node = this.topology.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`the lab has no node "${name}"`);
    return node;
  }
}
