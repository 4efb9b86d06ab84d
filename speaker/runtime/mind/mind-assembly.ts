import { hash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { ConfigurationState } from "../../../crds/types/configuration-state.ts";
import { type OwnerReference, resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { ServiceBGPStatus } from "../../../crds/types/service-bgp-status.ts";
import type { ServiceL2Status } from "../../../crds/types/service-l2-status.ts";
import { eventComponents } from "../../../crds/types/well-known.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import type { ObjectKey } from "../../../operator/framework/api/kube-object.ts";
import { type Controller, createController } from "../../../operator/framework/controller.ts";
import { createInformer, type Informer } from "../../../operator/framework/informer/informer.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { createMetrics, type Metrics } from "../../../operator/framework/metrics.ts";
import { systemClock as clock } from "../../../operator/framework/system-clock.ts";
import { createEventRecorder } from "../../../operator/framework/write/event-recorder.ts";
import { createStatusWriter } from "../../../operator/framework/write/status-writer.ts";
import { createWriteLimiter, type WriteLimiter } from "../../../operator/framework/write/write-limiter.ts";
import { ConfigurationStateReconciler, configurationStateName } from "../../status/configuration-state.ts";
import { ServiceBGPStatusReconciler } from "../../status/service-bgp-status.ts";
import { ServiceL2StatusReconciler } from "../../status/service-l2-status.ts";
import type { CpuLimit } from "../pace/cpu-limit.ts";
import { readCpuLimit } from "../pace/cpu-limit-files.ts";
import { CpuLimitWatch } from "../pace/cpu-limit-watch.ts";
import { pacedApi } from "../pace/paced-api.ts";
import { Pacer } from "../pace/pacer.ts";
import { processCpuMs } from "../pace/process-cpu.ts";
import { ServiceStatuses } from "../report/service-statuses.ts";
import { addRest, createSpeakerMetrics, type SpeakerMetrics } from "../report/speaker-metrics.ts";
import type { CpuLimitNotice, ToBeat, ToWire } from "../threads/messages.ts";
import { machineMilliseconds, type SharedState } from "../threads/shared-state.ts";
import { standStill } from "../threads/stand-still.ts";
import type { ThreadOptions } from "../threads/thread-data.ts";
import { Mind } from "./mind.ts";

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
  readonly post: (message: ToWire | CpuLimitNotice) => void;
  readonly postToBeat: (message: ToBeat) => void;
};

/** A mind and everything that follows from its decisions: events, status objects, metrics. */
export class MindAssembly {
  readonly mind: Mind;
  readonly metrics: Metrics = createMetrics();
  readonly #surroundings: Surroundings;
  readonly #pacer: Pacer;
  readonly #cpuLimit: CpuLimitWatch;
  readonly #limiter: WriteLimiter = createWriteLimiter({ clock, initial: 4, max: 16 });
  /** For what only informs: a thousand addresses that move must not keep the API server from what somebody waits for. */
  readonly #unhurried: WriteLimiter = createWriteLimiter({ clock, initial: 4, max: 4, rate: { perSecond: 40, burst: 200 } });
  readonly #stateKey: ObjectKey;
  readonly #l2Statuses: ServiceStatuses<ServiceL2Status>;
  readonly #bgpStatuses: ServiceStatuses<ServiceBGPStatus>;
  readonly #stateInformer: Informer<ConfigurationState>;
  readonly #states: Controller;

  constructor(surroundings: Surroundings) {
    const speakerMetrics = createSpeakerMetrics(this.metrics);
    this.#pacer = createPacer(speakerMetrics);
    const { log, namespace, options } = surroundings;
    const api = pacedApi(surroundings.api, this.#pacer);
    this.#surroundings = { ...surroundings, api };
    this.#cpuLimit = new CpuLimitWatch({ read: readCpuLimit, clock, log, onLimit: (limit) => this.#followLimit(limit) });
    this.#stateKey = { namespace, name: configurationStateName(options.nodeName) };
    this.mind = this.#createMind(speakerMetrics);
    this.#stateInformer = this.#createStateInformer();
    const { updates, updateErrors } = speakerMetrics.client;
    const common = { log, metrics: { updates, updateErrors } };
    const statuses = { ...common, api, namespace, node: options.nodeName };
    this.#l2Statuses = new ServiceStatuses({
      ...statuses,
      type: resourceTypes.servicel2statuses,
      reconciler: (objects) =>
        new ServiceL2StatusReconciler({
          ...this.#statusDeps(),
          statuses: objects,
          announced: (service) => this.mind.announced(service),
        }),
    });
    this.#bgpStatuses = new ServiceStatuses({
      ...statuses,
      type: resourceTypes.servicebgpstatuses,
      reconciler: (objects) =>
        new ServiceBGPStatusReconciler({
          ...this.#statusDeps(),
          statuses: objects,
          peers: (service) => this.mind.advertisedTo(service),
        }),
    });
    this.#states = createController({ ...common, clock, name: "ConfigurationState", reconciler: this.#stateReconciler() });
  }

  /** There is a limit of CPU. */
  get limited(): boolean {
    return this.#pacer.limited;
  }

  /** Works until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    this.#cpuLimit.start();
    // Without the existing objects a second one would be made of each.
    void this.#stateInformer.synced.then(() => {
      this.#states.enqueue(this.#stateKey);
      void this.#states.start(signal);
    });
    const { mind } = this;
    const statuses = [this.#l2Statuses, this.#bgpStatuses].map((kind) => kind.start(signal, mind.decided));
    await Promise.all([mind.start(signal), this.#stateInformer.start(signal), ...statuses]);
    this.#cpuLimit.stop();
  }

  /** Deletes what this node has said about its announcements, as far as there is time. */
  async cleanUp(): Promise<void> {
    const kinds = [this.#l2Statuses, this.#bgpStatuses];
    for (const service of this.mind.stop()) for (const kind of kinds) kind.enqueue(service);
    const until = clock.monotonic() + CLEAN_UP_MS;
    while (kinds.some(({ idle }) => !idle) && clock.monotonic() < until) await wait(10);
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
      yieldThen: (run) => this.#yieldThen(run),
      sliceMs: (usual) => this.#pacer.sliceMs(usual),
      post,
      postToBeat,
      events: createEventRecorder({ api, clock, log, component: eventComponents.speaker, host: node, limiter: eventLimiter() }),
      metrics,
      onTransition: (service) => this.#l2Statuses.enqueue(service),
      onAdvertised: (service) => this.#bgpStatuses.enqueue(service),
      onConfiguration: () => this.#states.enqueue(this.#stateKey),
    });
  }

  #followLimit(limit: CpuLimit | undefined): void {
    this.#pacer.follow(limit);
    this.#surroundings.post({ type: "cpu-limit", limit });
  }

  #yieldThen(run: () => void): void {
    setImmediate(() => {
      this.#pacer.pace();
      run();
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

  #statusDeps() {
    const { api, namespace, options, owner } = this.#surroundings;
    return {
      api,
      deletions: this.#limiter,
      creations: this.#unhurried,
      owner,
      namespace,
      node: options.nodeName,
      status: createStatusWriter({ api, limiter: this.#unhurried }),
      clock,
      random: Math.random,
    };
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

function createPacer(metrics: SpeakerMetrics): Pacer {
  return new Pacer({
    now: () => clock.monotonic(),
    usedMs: processCpuMs,
    rest: standStill,
    onRested: (ms) => addRest(metrics, "mind", ms),
  });
}

function eventLimiter(): WriteLimiter {
  return createWriteLimiter({ clock, initial: 4, max: 4, rate: { perSecond: 20, burst: 100 } });
}
