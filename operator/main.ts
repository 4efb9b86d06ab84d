#!/usr/bin/env node
import { hostname } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Pod, resourceTypes } from "../crds/types/kubernetes.ts";
import { eventComponents } from "../crds/types/well-known.ts";
import { warnOfLeftEntries } from "../webhooks/server/left-entries.ts";
import { startWebhookServer, type WebhookServer } from "../webhooks/server/server.ts";
import { factsHandlers } from "./facts.ts";
import type { KubeApi } from "./framework/api/kube-api.ts";
import { createKubeClient, loadKubeConfig } from "./framework/api/kube-client.ts";
import { selfSignedCertificate } from "./framework/http/certificates.ts";
import { type Check, startHealthServer } from "./framework/http/health.ts";
import type { ListeningServer } from "./framework/http/listen.ts";
import { startMetricsServer } from "./framework/http/metrics-server.ts";
import { startProfileServer } from "./framework/http/profile-server.ts";
import { createRequestAuthorizer } from "./framework/http/request-authorizer.ts";
import type { Log } from "./framework/log/log.ts";
import { createLogger, type Logger } from "./framework/log/logger.ts";
import { type ClientMetrics, createClientMetrics, createMetrics, type Metrics } from "./framework/metrics.ts";
import { untilStopped } from "./framework/process-signals.ts";
import { systemClock as clock } from "./framework/system-clock.ts";
import { createEventRecorder } from "./framework/write/event-recorder.ts";
import type { Involved } from "./framework/write/events.ts";
import { createStatusWriter } from "./framework/write/status-writer.ts";
import { createWriteLimiter } from "./framework/write/write-limiter.ts";
import { HeraldOperator } from "./herald-operator.ts";
import { type OperatorOptions, readOptions } from "./options.ts";
import { ensureMemberlistSecret } from "./reconcilers/memberlist-secret.ts";
import { PoolMetrics } from "./reconcilers/pool-metrics.ts";
import { createBusyness } from "./reconcilers/service/busyness.ts";
import { patientEvents } from "./reconcilers/service/patient-events.ts";
import { WebhookMetrics } from "./webhook-metrics.ts";

/** The loop that answers a probe is the one that is judged: a mean delay beyond this is a process in trouble. */
const maxLoopDelayMs = 1_000;

const read = readOptions(process.argv.slice(2), process.env);
if (read.ok) {
  const log = createLogger({ level: read.options.logLevel });
  process.exitCode = await run(read.options, log).catch((error: unknown) => {
    log.error("the operator failed", { error });
    return 1;
  });
  await log.close();
  process.exit();
} else {
  process.stderr.write(read.text);
  process.exitCode = read.exitCode;
}

/** Runs until SIGTERM or SIGINT. @returns the exit code. @throws {Error} when the start fails. */
async function run(options: OperatorOptions, log: Logger): Promise<number> {
  const signal = untilStopped();
  for (const flag of options.withoutEffect) log.warn("flag without effect", { flag });
  const access = await loadKubeConfig({ kubeconfig: options.kubeconfig, env: process.env, clock });
  const namespace = options.namespace || access.namespace;
  if (!namespace) throw new Error("the namespace is not known: set --namespace or METALLB_NAMESPACE");
  const api = createKubeClient({ access, userAgent: "herald-controller" });
  const pod = options.podName === "" ? undefined : await ownPod(api, namespace, options.podName);
  const { memberlistSecret: name, deployment } = options;
  if (name !== "") await ensureMemberlistSecret({ api, namespace, name, deployment });
  const metrics = createMetrics();
  const around: Surroundings = { api, namespace, pod, metrics, clientMetrics: createClientMetrics(metrics), log };
  const operator = createOperator(options, around);
  const webhooks = await startWebhooks(options, around);
  const servers = [
    await startProbes(options, webhooks),
    ...(await startMetrics(options, around, operator)),
    ...(options.profileAddress === undefined ? [] : [await startProfileServer({ address: options.profileAddress, clock })]),
  ];
  const { podName, webhookMode, backend } = options;
  log.info("Herald's operator has started", { namespace, pod: podName, webhookMode, backend });
  await Promise.all([
    operator === undefined ? stopped(signal) : operator.run(signal),
    stopped(signal).then(() => webhooks?.close()),
  ]);
  await Promise.all(servers.map((server) => server.close()));
  api.close();
  return 0;
}

type Surroundings = {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly pod: Involved | undefined;
  readonly metrics: Metrics;
  /** There from the start, whether anything of this process counts or not. */
  readonly clientMetrics: ClientMetrics;
  readonly log: Log;
};

/** Undefined where this process is to serve webhooks only. */
function createOperator(
  { webhookMode, podName, loadBalancerClass, backend }: OperatorOptions,
  around: Surroundings,
): HeraldOperator | undefined {
  const { api, metrics, clientMetrics, log } = around;
  if (webhookMode === "onlywebhook") return undefined;
  const limiter = createWriteLimiter({ clock });
  const busy = createBusyness(limiter, clock);
  const events = createEventRecorder({ api, clock, log, component: eventComponents.operator });
  return new HeraldOperator({
    ...around,
    clock,
    loadBalancerClass,
    backend,
    identity: podName || `${hostname()}-${process.pid}`,
    status: createStatusWriter({ api, limiter }),
    events: patientEvents(events, busy, clock),
    busy,
    metrics: clientMetrics,
    poolMetrics: new PoolMetrics(metrics),
  });
}

async function ownPod(api: KubeApi, namespace: string, name: string): Promise<Involved> {
  const pod = await api.get<Pod>(resourceTypes.pods, { namespace, name });
  if (pod === undefined) throw new Error(`the own Pod ${namespace}/${name} does not exist: check --pod-name`);
  return { apiVersion: "v1", kind: "Pod", metadata: pod.metadata };
}

async function startWebhooks(
  { webhookMode, webhookCertDirectory, webhookSecret, webhookService, podName, tls, backend }: OperatorOptions,
  { api, namespace, metrics, log }: Surroundings,
): Promise<WebhookServer | undefined> {
  if (webhookMode === "disabled") {
    await warnOfLeftEntries(api, log);
    return undefined;
  }
  const { onVerdict } = new WebhookMetrics(metrics);
  const certificates = webhookCertDirectory === undefined ? { secret: webhookSecret } : { directory: webhookCertDirectory };
  const own = podName === "" ? {} : { podName };
  const settings = { serviceName: webhookService, backend, certificates, tls, onVerdict };
  return startWebhookServer({ api, namespace, log, clock, ...settings, ...own });
}

function startProbes({ healthPort }: OperatorOptions, webhooks: WebhookServer | undefined): Promise<ListeningServer> {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const eventLoop: Check = () => {
    const meanMs = delay.mean / 1e6;
    delay.reset();
    return meanMs > maxLoopDelayMs ? `the event loop is ${Math.round(meanMs)} ms late on average` : undefined;
  };
  const serving: Check = () =>
    webhooks === undefined || webhooks.ready()
      ? undefined
      : "the webhooks are not served yet, or not registered with their certificate";
  return startHealthServer({ port: healthPort, live: { "event-loop": eventLoop }, ready: { webhooks: serving } });
}

async function startMetrics(
  { metricsPort, metricsCertDirectory, tls }: OperatorOptions,
  { api, metrics, log }: Surroundings,
  operator: HeraldOperator | undefined,
): Promise<readonly ListeningServer[]> {
  if (metricsPort === 0) return [];
  const server = await startMetricsServer({
    port: metricsPort,
    metrics,
    authorizer: createRequestAuthorizer(api, clock),
    handlers: operator === undefined ? {} : factsHandlers(() => operator.knowledge),
    certDirectory: metricsCertDirectory,
    selfSigned: () => selfSignedCertificate(["localhost"]),
    tls,
    clock,
    log,
  });
  return [server];
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
