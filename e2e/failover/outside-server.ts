import { spawn } from "node:child_process";
import { join } from "node:path";
import { namespacePath } from "../lab/process.ts";
import type { Host } from "../lab/topology.ts";

/** A server on a machine that is no node. */
export type RunningServer = {
  /** The EndpointSlice that makes it the backend of a Service without a selector. */
  readonly endpoints: (service: string) => object;
  readonly stop: () => void;
};

/** Starts the lab's echo server on a machine: a backend that stays where it is whatever becomes of the nodes. */
export function echoServer(host: Host, port: number): RunningServer {
  const program = [process.execPath, join(import.meta.dirname, "../lab/echo-server.ts"), String(port), "outside", host.name];
  const child = spawn("nsenter", [`--net=${namespacePath(host.namespace)}`, "--", ...program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return {
    endpoints: (service) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${service}-outside`, namespace: "default", labels: { "kubernetes.io/service-name": service } },
      addressType: "IPv4",
      endpoints: [{ addresses: [host.addresses[0]], conditions: { ready: true } }],
      ports: [{ port }],
    }),
    stop: () => void child.kill("SIGTERM"),
  };
}
