import { workerData } from "node:worker_threads";
import { startHealthServer } from "../../operator/framework/health.ts";
import { probesOf } from "./probes.ts";
import { machineMilliseconds, SharedState } from "./shared-state.ts";
import { writeErrorLine } from "./stderr-line.ts";
import type { ThreadData } from "./thread-data.ts";
import { createThreadLog } from "./thread-log.ts";

/**
 * The thread that lives only for a living wire. It answers the probes, so that a wire or a mind that stands still is
 * seen although it cannot say so. The membership protocol and BFD belong here too.
 */
export async function runBeat(): Promise<void> {
  const { options, shared: buffer, port } = workerData as ThreadData;
  const shared = new SharedState(buffer);
  const log = createThreadLog((message) => port.postMessage(message));
  const probes = probesOf({
    shared,
    now: machineMilliseconds,
    onChange: (thread, reason) => {
      log[reason === undefined ? "info" : "error"]("thread probed", { thread, healthy: reason === undefined, reason });
      // The log is the mind's: it cannot tell of itself.
      if (thread === "mind" && reason !== undefined) writeErrorLine("beat-thread.ts", `/readyz fails: ${reason}`);
    },
  });
  const server = await startHealthServer({ host: "127.0.0.1", port: options.healthPort, ...probes });
  log.info("probes are answered", { port: server.port });
}
