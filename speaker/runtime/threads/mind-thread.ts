import { setTimeout as wait } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import { createKubeClient, loadKubeConfig } from "../../../operator/framework/api/kube-client.ts";
import { startMetricsServer } from "../../../operator/framework/http/metrics-server.ts";
import { startProfileServer } from "../../../operator/framework/http/profile-server.ts";
import { createRequestAuthorizer } from "../../../operator/framework/http/request-authorizer.ts";
import { createLogger, type Logger } from "../../../operator/framework/log/logger.ts";
import { systemClock as clock } from "../../../operator/framework/system-clock.ts";
import { exclusionPath, readExclusion } from "../layer2/exclusion-file.ts";
import { MindAssembly } from "../mind/mind-assembly.ts";
import { ownPod } from "../mind/own-pod.ts";
import { factsHandlers } from "../report/facts.ts";
import type { CpuLimitNotice, LogMessage, StartOver, ToBeat, ToMind, ToWire } from "./messages.ts";
import { machineMilliseconds, SharedState } from "./shared-state.ts";
import { standStill } from "./stand-still.ts";
import type { ThreadData, ThreadOptions } from "./thread-data.ts";
import { forgoOptimisation, giveBackMemory, mayBuyTime, spareMemory } from "./thrift.ts";

/** How often this thread says that it runs. */
const TICK_MS = 1_000;

/** What tells of this speaker waits for its first decisions, but no longer than this: to make a certificate takes a fifth of a second. */
const PAGES_WAIT_MS = 5_000;

/** What follows the first decisions, such as reading statuses, is over so long after them. */
const START_OVER_MS = 2_000;

/** Makes a certificate for the metrics when no directory gives one. */
export type SelfSigned = (names: readonly string[]) => Promise<{ readonly cert: string; readonly key: string }>;

type ToAssembly = Exclude<ToMind, LogMessage | { readonly type: "judge-interfaces" | "stand-still" }>;

/** The thread that knows the cluster. Runs until the wire asks it to stop. @throws Error when the start fails. */
export async function runMind(selfSigned: SelfSigned): Promise<void> {
  const { options, shared: buffer, port } = workerData as ThreadData;
  if (parentPort === null) throw new Error("the mind runs as a worker thread only");
  forgoOptimisation();
  const buysTime = mayBuyTime(process.constrainedMemory());
  if (!buysTime) spareMemory();
  const shared = new SharedState(buffer);
  const tick = (): void => shared.tickMind(machineMilliseconds());
  tick();
  setInterval(tick, TICK_MS).unref();
  const wire = parentPort;
  const post = (message: ToWire | CpuLimitNotice | StartOver): void => wire.postMessage(message);
  const postToBeat = (message: ToBeat): void => port.postMessage(message);
  const log = createLogger({ level: options.logLevel });
  // Before any message is taken: without it no interface is listened to.
  const isExcluded = await readExclusion(exclusionPath);
  const judge = (names: readonly string[]): void =>
    post({ type: "exclusion", verdicts: new Map(names.map((name) => [name, isExcluded(name)])) });
  const inbox = openInbox(log, judge, () => post({ type: "stopped" }));
  wire.on("message", inbox.receive);
  port.on("message", inbox.receive);
  for (const flag of options.withoutEffect) log.warn("flag without effect", { flag });

  const access = await loadKubeConfig({ kubeconfig: options.kubeconfig, env: process.env, clock });
  const namespace = options.namespace || access.namespace;
  if (!namespace) throw new Error("the namespace is not known: set --namespace or METALLB_NAMESPACE");
  const api = createKubeClient({ access, userAgent: "herald-speaker", maxConnections: 16 });
  const owner = await ownPod(api, { namespace, name: options.podName }, log, (ms) => wait(ms));
  const assembly = new MindAssembly({ options, namespace, api, log, owner, shared, post, postToBeat });
  const stop = new AbortController();
  inbox.deliver((message) => {
    if (message.type !== "stop") assembly.mind.receive(message);
    else void leave(assembly, stop, log).then(() => post({ type: "stopped" }));
  });
  if (options.profileAddress !== undefined) await startProfileServer({ address: options.profileAddress, clock });
  log.info("Herald's speaker has started", { node: options.nodeName, namespace, pod: options.podName });
  void assembly.mind.decided
    .then(() => wait(START_OVER_MS))
    .then(() => {
      // All threads would stand still, while the kernel stops the process, for what collects whole heaps and moves what is left together.
      if (assembly.limited && buysTime) return;
      spareMemory();
      giveBackMemory();
      post({ type: "start-over" });
      postToBeat({ type: "start-over" });
    });
  const decided = Promise.race([assembly.mind.decided, wait(PAGES_WAIT_MS)]);
  const serving = decided.then(() => serveMetrics(options, api, assembly, selfSigned, log));
  await Promise.all([assembly.start(stop.signal), serving]);
}

/** Keeps messages until there is somebody to take them; what needs no knowledge of the cluster is done at once. */
function openInbox(log: Logger, judge: (names: readonly string[]) => void, onEarlyStop: () => void) {
  const waiting: ToAssembly[] = [];
  let take = (message: ToAssembly): void => {
    if (message.type === "stop") onEarlyStop();
    else waiting.push(message);
  };
  return {
    receive: (message: ToMind): void => {
      if (message.type === "log") log[message.level](message.message, message.fields);
      else if (message.type === "judge-interfaces") judge(message.names);
      else if (message.type === "stand-still") standStill(message.ms);
      else take(message);
    },
    deliver: (to: (message: ToAssembly) => void): void => {
      take = to;
      for (const message of waiting.splice(0)) to(message);
    },
  };
}

async function leave(assembly: MindAssembly, stop: AbortController, log: Logger): Promise<void> {
  await assembly.cleanUp();
  stop.abort();
  await log.close();
}

async function serveMetrics(
  options: ThreadOptions,
  api: KubeApi,
  assembly: MindAssembly,
  selfSigned: SelfSigned,
  log: Logger,
): Promise<void> {
  const { metricsPort: port, metricsCertDirectory: certDirectory, nodeName, tls } = options;
  if (port === 0) return;
  await startMetricsServer({
    port,
    metrics: assembly.metrics,
    authorizer: createRequestAuthorizer(api, clock),
    handlers: factsHandlers(assembly.mind, nodeName),
    ...(certDirectory !== undefined && { certDirectory }),
    selfSigned: () => selfSigned([nodeName]),
    tls,
    clock,
    log,
  });
}
