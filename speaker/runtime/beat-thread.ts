import { workerData } from "node:worker_threads";
import { startHealthServer } from "../../operator/framework/health.ts";
import { machineMilliseconds, SharedState } from "./shared-state.ts";
import type { ThreadData } from "./thread-data.ts";
import { createThreadLog } from "./thread-log.ts";

/**
 * The thread that lives only for a living wire. It answers the probes, so that a wire that stands still is seen although
 * it cannot say so. The membership protocol and BFD belong here too.
 */
export async function runBeat(): Promise<void> {
  const { options, shared: buffer, port } = workerData as ThreadData;
  const shared = new SharedState(buffer);
  const log = createThreadLog((message) => port.postMessage(message));
  const startedAt = machineMilliseconds();
  let reported: string | undefined;

  const wire = (): string | undefined => {
    const verdict = shared.judge(machineMilliseconds(), startedAt);
    const reason = verdict.alive ? undefined : wireReasons[verdict.reason];
    if (reason !== reported)
      log[reason === undefined ? "info" : "error"]("wire probed", { healthy: reason === undefined, reason });
    reported = reason;
    return reason;
  };
  const mind = (): string | undefined => (shared.mindReady ? undefined : "the cluster's objects have not been read yet");
  const muted = (): string | undefined => (shared.muted ? "mute until the intent is affirmed" : undefined);

  const server = await startHealthServer({
    host: "127.0.0.1",
    port: options.healthPort,
    live: { wire },
    ready: { wire, mind, muted },
  });
  log.info("probes are answered", { port: server.port });
}

const wireReasons = {
  held: "the thread that answers ARP and NDP stands still",
  "no-taps": "no interface can be listened to",
} as const;
