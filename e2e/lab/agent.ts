import { spawn } from "node:child_process";
import { connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { ApiClient } from "./api-client.ts";
import { Kubelets } from "./kubelets.ts";
import { isAlive, type ProcessRecord } from "./process.ts";
import { planTopology, type TopologyOptions } from "./topology.ts";

/** What the lab's agent process is told on its command line, as JSON. */
export type AgentOptions = TopologyOptions & {
  readonly kubeconfig: string;
  readonly projectDir: string;
  readonly heartbeatMs: number;
  /** The test that the lab serves: when it is gone, the lab goes too. */
  readonly owner?: ProcessRecord;
};

/** The agent is started with the host's network namespace open here. */
const hostNetworkDescriptor = 4;

/**
 * The process that stands for all kubelets and the scheduler. It lives in the control plane's namespace and is handed a
 * socket that listens on the host's loopback: so the host reaches the API server without a route into the lab.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as AgentOptions;
const kubelets = new Kubelets({
  api: ApiClient.fromKubeconfig(options.kubeconfig),
  topology: planTopology(options),
  projectDir: options.projectDir,
  heartbeatMs: options.heartbeatMs,
});

process.on("message", (_message, handle) => {
  (handle as Server).on("connection", forward);
  process.disconnect?.();
});
process.on("SIGTERM", () => void kubelets.stop().finally(() => process.exit(0)));
void kubelets.run();
if (options.owner !== undefined) setInterval(leaveWith, 2000, options.owner);

function leaveWith(owner: ProcessRecord): void {
  if (isAlive(owner)) return;
  const main = join(import.meta.dirname, "main.ts");
  // From the host's network namespace: what runs in the lab's own is killed.
  const command = [
    `--net=/proc/${process.pid}/fd/${hostNetworkDescriptor}`,
    "--",
    process.execPath,
    main,
    "down",
    "--id",
    options.id,
  ];
  spawn("nsenter", command, { detached: true, stdio: "ignore" }).unref();
}

function forward(incoming: Socket): void {
  const outgoing = connect(6443, "127.0.0.1");
  incoming.pipe(outgoing).pipe(incoming);
  incoming.on("error", () => outgoing.destroy());
  outgoing.on("error", () => incoming.destroy());
  incoming.on("close", () => outgoing.destroy());
  outgoing.on("close", () => incoming.destroy());
}
