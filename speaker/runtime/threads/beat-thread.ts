import { parentPort, workerData } from "node:worker_threads";
import { startHealthServer } from "../../../operator/framework/http/health.ts";
import { systemClock as clock } from "../../../operator/framework/system-clock.ts";
import { openAlarm } from "../../native/alarm.ts";
import { openDatagrams } from "../../native/datagrams.ts";
import { BeatBfd } from "../bfd/beat-bfd.ts";
import { BeatMembership } from "../membership/beat-membership.ts";
import { readMembershipSecret, watchMembershipSecret } from "../membership/secret-file.ts";
import type { Farewell, NeighbourWord, SegmentWord, ToBeat } from "./messages.ts";
import { probesOf } from "./probes.ts";
import { becomeRealTimeThread } from "./real-time.ts";
import { machineMilliseconds, SharedState } from "./shared-state.ts";
import { writeErrorLine } from "./stderr-line.ts";
import type { ThreadData } from "./thread-data.ts";
import { createThreadLog } from "./thread-log.ts";
import { giveBackMemory } from "./thrift.ts";

/**
 * The thread that lives only for a living wire: it runs the membership protocol, and answers the probes, so that a wire or
 * a mind that stands still is seen although it cannot say so. BFD runs here, too.
 */
export async function runBeat(): Promise<void> {
  const data = workerData as ThreadData;
  const { options, port } = data;
  const shared = new SharedState(data.shared);
  const log = createThreadLog((message) => port.postMessage(message));
  becomeRealTimeThread("beat", log);
  const bfd = startBfd(data, shared);
  const membership = await startMembership(data, shared);
  port.on("message", (message: ToBeat) => {
    if (message.type === "bfd") bfd.set(message.requests);
    else if (message.type === "start-over") giveBackMemory();
    else membership?.receive(message);
  });
  parentPort?.on("message", (message: SegmentWord | NeighbourWord | Farewell) => {
    if (message.type === "neighbours") bfd.setNeighbours(message.neighbours);
    else if (message.type === "segment") membership?.receive(message);
    else if (message.type === "leave") membership?.leave();
    else {
      bfd.stop();
      membership?.stop();
    }
  });
  const probes = probesOf({
    shared,
    now: machineMilliseconds,
    membershipTrouble: () => membership?.trouble,
    onChange: (thread, reason) => {
      log[reason === undefined ? "info" : "error"]("thread probed", { thread, healthy: reason === undefined, reason });
      // The log is the mind's: it cannot tell of itself.
      if (thread === "mind" && reason !== undefined) writeErrorLine("beat-thread.ts", `/readyz fails: ${reason}`);
    },
  });
  const server = await startHealthServer({ host: "127.0.0.1", port: options.healthPort, ...probes });
  log.info("probes are answered", { port: server.port });
}

/** @throws Error when the Secret cannot be used. */
async function startMembership(
  { options: { membership: settings, nodeName: node }, port }: ThreadData,
  shared: SharedState,
): Promise<BeatMembership | undefined> {
  if (settings === undefined) return undefined;
  const log = createThreadLog((message) => port.postMessage(message));
  const since = machineMilliseconds();
  const membership = new BeatMembership({
    settings,
    node,
    secret: await readMembershipSecret(settings.secretDirectory),
    clock,
    log,
    open: openDatagrams,
    openAlarm,
    wireAlive: () => shared.judge(machineMilliseconds(), since).alive,
    mindAlive: () => shared.judgeMind(machineMilliseconds(), since) === "alive",
    onHandedOver: (handedOver) => shared.setHandedOver(handedOver),
    post: (message) => port.postMessage(message),
  });
  watchMembershipSecret({
    directory: settings.secretDirectory,
    clock,
    onSecret: (secret) => membership.setSecret(secret),
    onProblem: (reason) => log.error("the membership Secret cannot be read again; the one in force stays", { reason }),
  });
  return membership;
}

/** BFD sessions begin as soon as the mind wants some. */
function startBfd({ port }: ThreadData, shared: SharedState): BeatBfd {
  const since = machineMilliseconds();
  return new BeatBfd({
    clock,
    log: createThreadLog((message) => port.postMessage(message)),
    wireAlive: () => shared.judge(machineMilliseconds(), since).alive,
    onNotice: (notice) => parentPort?.postMessage(notice),
    onReport: (report) => port.postMessage(report),
  });
}
