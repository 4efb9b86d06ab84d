import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";
import { namespacePath } from "../lab/process.ts";
import { logDir, stateDir } from "../lab/state.ts";
import { heraldNamespace } from "../manifests.ts";
import { ready } from "../observe.ts";
import type { Fault, ProxyOptions, Traffic } from "./fault.ts";

const port = 7443;
const workloads = ["deployment/controller", "daemonset/speaker"];

/** A proxy on the lab's control plane, between Herald's processes and the API server. */
export class FaultProxy {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it and leads Herald's processes through it; returns when all of them have done the change. */
  static async before(lab: Lab): Promise<FaultProxy> {
    const proxy = new FaultProxy(await startProcess(lab));
    const [host = ""] = lab.topology.controlPlane.addresses;
    const variables = [`KUBERNETES_SERVICE_HOST=${host}`, `KUBERNETES_SERVICE_PORT=${port}`];
    await lab.kubectl(["-n", heraldNamespace, "set", "env", ...workloads, ...variables]);
    for (const workload of workloads) await ready(lab, workload, heraldNamespace);
    return proxy;
  }

  /** Ends the fault that is, and begins another. @returns what passed under the one that ended. */
  async become(fault: Fault): Promise<Traffic> {
    const answer = once(this.#child, "message");
    this.#child.send(fault);
    const [traffic] = await answer;
    return traffic as Traffic;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

async function startProcess({ topology }: Lab): Promise<ChildProcess> {
  const pki = (name: string): string => readFileSync(join(stateDir(topology.id), "pki", name), "utf8");
  const [host = ""] = topology.controlPlane.addresses;
  const options: ProxyOptions = {
    listen: { host, port },
    target: { host: "127.0.0.1", port: 6443 },
    cert: pki("apiserver.crt"),
    key: pki("apiserver.key"),
    ca: pki("ca.crt"),
  };
  const log = openSync(join(logDir(topology.id), "fault-proxy.log"), "a");
  const main = join(import.meta.dirname, "main.ts");
  const command = [`--net=${namespacePath(topology.controlPlane.namespace)}`, "--", process.execPath, main];
  const child = spawn("nsenter", [...command, JSON.stringify(options)], { stdio: ["ignore", log, log, "ipc"] });
  closeSync(log);
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("the proxy ended; its log is fault-proxy.log"))),
  ]);
  return child;
}
