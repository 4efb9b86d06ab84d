import { hash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import type { ServiceL2Status } from "../../crds/types/service-l2-status.ts";
import { eventComponents, labels } from "../../crds/types/well-known.ts";
import { type Controller, createController } from "../../operator/framework/controller.ts";
import { createEventRecorder } from "../../operator/framework/event-recorder.ts";
import { createInformer, type Informer } from "../../operator/framework/informer.ts";
import type { KubeApi } from "../../operator/framework/kube-api.ts";
import { type ObjectKey, parseKeyText } from "../../operator/framework/kube-object.ts";
import type { Log } from "../../operator/framework/log.ts";
import { createMetrics, type Metrics } from "../../operator/framework/metrics.ts";
import { createStatusWriter } from "../../operator/framework/status-writer.ts";
import { systemClock as clock } from "../../operator/framework/system-clock.ts";
import { createWriteLimiter, type WriteLimiter } from "../../operator/framework/write-limiter.ts";
import { ConfigurationStateReconciler, configurationStateName } from "../status/configuration-state.ts";
import { indexByService, ServiceL2StatusReconciler, serviceOfStatus } from "../status/service-l2-status.ts";
import type { ToBeat, ToWire } from "./messages.ts";
import { Mind } from "./mind.ts";
import { machineMilliseconds, type SharedState } from "./shared-state.ts";
import { createSpeakerMetrics, type SpeakerMetrics } from "./speaker-metrics.ts";
import type { ThreadOptions } from "./thread-data.ts";

/** At most so long does a stop wait for the status objects to be deleted. */
const CLEAN_UP_MS = 3_000;

export type Surroundings = {
  readonly options: ThreadOptions;
  readonly namespace: string;
  readonly api: KubeApi;
  readonly log: Log;
  /** The own Pod. */
  readonly owner: OwnerReference;
  readonly shared: SharedState;
  readonly post: (message: ToWire) => void;
  readonly postToBeat: (message: ToBeat) => void;
};

/** A mind and everything that follows from its decisions: events, status objects, metrics. */
export class MindAssembly {
  readonly mind: Mind;
  readonly metrics: Metrics = createMetrics();
  readonly #surroundings: Surroundings;
  readonly #limiter: WriteLimiter = createWriteLimiter({ clock, initial: 4, max: 16 });
  /** For what only informs: a thousand addresses that move must not keep the API server from what somebody waits for. */
  readonly #unhurried: WriteLimiter = createWriteLimiter({ clock, initial: 4, max: 4, rate: { perSecond: 40, burst: 200 } });
  readonly #stateKey: ObjectKey;
  readonly #statusInformer: Informer<ServiceL2Status>;
  readonly #stateInformer: Informer<ConfigurationState>;
  readonly #statuses: Controller;
  readonly #states: Controller;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { namespace, options } = surroundings;
    this.#stateKey = { namespace, name: configurationStateName(options.nodeName) };
    const speakerMetrics = createSpeakerMetrics(this.metrics);
    this.mind = this.#createMind(speakerMetrics);
    this.#statusInformer = this.#createStatusInformer();
    this.#stateInformer = this.#createStateInformer();
    const { updates, updateErrors } = speakerMetrics.client;
    const common = { clock, log: surroundings.log, metrics: { updates, updateErrors } };
    this.#statuses = createController({ ...common, name: "ServiceL2Status", reconciler: this.#statusReconciler(), workers: 4 });
    this.#states = createController({ ...common, name: "ConfigurationState", reconciler: this.#stateReconciler() });
  }

  /** Works until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const informers = [this.#statusInformer, this.#stateInformer];
    // Without the existing objects a second one would be made of each.
    void this.#stateInformer.synced.then(() => {
      this.#states.enqueue(this.#stateKey);
      void this.#states.start(signal);
    });
    // Before the first decisions, the objects of a former process would seem to be about nothing.
    void Promise.all([this.#statusInformer.synced, this.mind.decided]).then(() => this.#statuses.start(signal));
    await Promise.all([this.mind.start(signal), ...informers.map((informer) => informer.start(signal))]);
  }

  /** Deletes what this node has said about its announcements, as far as there is time. */
  async cleanUp(): Promise<void> {
    for (const service of this.mind.stop()) this.#statuses.enqueue(parseKeyText(service));
    const until = clock.monotonic() + CLEAN_UP_MS;
    while (!this.#statuses.idle && clock.monotonic() < until) await wait(10);
  }

  #createMind(metrics: SpeakerMetrics): Mind {
    const { api, log, namespace, options, shared, post, postToBeat } = this.#surroundings;
    const { nodeName: node, podLabels, backend, loadBalancerClass: lbClass, ignoreExcludeLB } = options;
    return new Mind({
      api,
      clock,
      log,
      node,
      namespace,
      podLabels,
      membership: options.membership !== undefined,
      addressProbeMs: options.addressProbeMs,
      bgpListening: options.bgpListenPort > 0,
      backend,
      intent: { lbClass, ignoreExcludeLB },
      sha256: (text) => hash("sha256", text, "buffer"),
      shared,
      sharedNow: machineMilliseconds,
      yieldThen: (run) => setImmediate(run),
      post,
      postToBeat,
      events: createEventRecorder({ api, clock, log, component: eventComponents.speaker, host: node, limiter: eventLimiter() }),
      metrics,
      onTransition: (service) => this.#statuses.enqueue(parseKeyText(service)),
      onConfiguration: () => this.#states.enqueue(this.#stateKey),
    });
  }

  #createStatusInformer(): Informer<ServiceL2Status> {
    const { api, log, namespace, options } = this.#surroundings;
    return createInformer<ServiceL2Status>({
      api,
      clock,
      log,
      type: resourceTypes.servicel2statuses,
      namespace,
      slim: slimStatus,
      indexes: { [indexByService]: serviceOfStatus },
      onChange: ({ before, after }) => {
        for (const object of [before, after]) {
          if (object?.metadata.labels?.[labels.node] !== options.nodeName) continue;
          for (const service of serviceOfStatus(object)) this.#statuses.enqueue(parseKeyText(service));
        }
      },
    });
  }

  #createStateInformer(): Informer<ConfigurationState> {
    const { api, log, namespace } = this.#surroundings;
    return createInformer<ConfigurationState>({
      api,
      clock,
      log,
      type: resourceTypes.configurationstates,
      namespace,
      fieldSelector: `metadata.name=${this.#stateKey.name}`,
      onChange: () => this.#states.enqueue(this.#stateKey),
    });
  }

  #statusReconciler(): ServiceL2StatusReconciler {
    const { api, namespace, options, owner } = this.#surroundings;
    return new ServiceL2StatusReconciler({
      api,
      deletions: this.#limiter,
      creations: this.#unhurried,
      owner,
      namespace,
      node: options.nodeName,
      statuses: this.#statusInformer.reader,
      announced: (service) => this.mind.announced(service),
      status: createStatusWriter({ api, limiter: this.#unhurried }),
      clock,
      random: Math.random,
    });
  }

  #stateReconciler(): ConfigurationStateReconciler {
    const { api, options, owner } = this.#surroundings;
    return new ConfigurationStateReconciler({
      api,
      clock,
      owner,
      limiter: this.#limiter,
      node: options.nodeName,
      states: this.#stateInformer.reader,
      findings: () => this.mind.findings(),
      remarks: () => this.mind.remarks(),
    });
  }
}

function eventLimiter(): WriteLimiter {
  return createWriteLimiter({ clock, initial: 4, max: 4, rate: { perSecond: 20, burst: 100 } });
}

function slimStatus({ metadata, status }: ServiceL2Status): ServiceL2Status {
  const { name, namespace, uid, resourceVersion, labels: own } = metadata;
  const kept = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(own !== undefined && { labels: own }),
  };
  return { metadata: kept, ...(status !== undefined && { status }) };
}
