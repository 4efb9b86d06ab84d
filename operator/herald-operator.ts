import type { Backend } from "../crds/config/backend.ts";
import { legacyConfigMapName } from "../crds/convert/legacy-notice.ts";
import type { ConfigurationState } from "../crds/types/configuration-state.ts";
import { type EndpointSlice, type Pod, resourceTypes, type Service } from "../crds/types/kubernetes.ts";
import { configurationState, labels } from "../crds/types/well-known.ts";
import { slimSlice } from "../speaker/intent/slim.ts";
import { type ConfigurationInformers, configurationInformers } from "./configuration-informers.ts";
import type { Knowledge } from "./facts.ts";
import type { KubeObject } from "./framework/api/kube-object.ts";
import { type Controller, createController } from "./framework/controller.ts";
import { ControllerOperator, type OperatorOptions } from "./framework/controller-operator.ts";
import type { Informer } from "./framework/informer/informer.ts";
import type { Change } from "./framework/informer/store.ts";
import { createLeaderElection, type LeaderElection } from "./framework/leader-election.ts";
import type { ClientMetrics } from "./framework/metrics.ts";
import type { EventRecorder, Involved } from "./framework/write/events.ts";
import type { StatusWriter } from "./framework/write/status.ts";
import type { Configuration } from "./reconcilers/configuration.ts";
import { ConfigurationStateReconciler, judgedErrors } from "./reconcilers/configuration-state.ts";
import { LegacyConfigurationReconciler, type SeenConfigMap, slimConfigMap } from "./reconcilers/legacy-configuration.ts";
import { LostPools } from "./reconcilers/lost-pools.ts";
import { metallbPods } from "./reconcilers/metallb-presence.ts";
import type { PoolMetrics } from "./reconcilers/pool-metrics.ts";
import { AllocationLoop } from "./reconcilers/service/allocation-loop.ts";
import { AnnouncementLoop, sliceIndexes } from "./reconcilers/service/announcement-loop.ts";
import { changedPeers, peerSessions } from "./reconcilers/sessions-up-condition.ts";
import { slimConfiguration, slimPod, slimService } from "./reconcilers/slim.ts";
import { SnapshotSource } from "./reconcilers/snapshot-source.ts";
import { Spacing } from "./reconcilers/spacing.ts";
import {
  enqueueEverything,
  followConfiguration,
  type StatusControllers,
  statusControllers,
} from "./reconcilers/status-controllers.ts";
import { whileLeading } from "./reconcilers/while-leading.ts";

export type HeraldOptions = OperatorOptions & {
  readonly namespace: string;
  /** Unique among the replicas. */
  readonly identity: string;
  /** The own Pod; undefined outside of a cluster. */
  readonly pod: Involved | undefined;
  readonly loadBalancerClass: string;
  /** Whose limits the configuration has to keep; Herald's own when absent. */
  readonly backend?: Backend;
  readonly status: StatusWriter;
  readonly events: EventRecorder;
  readonly metrics: ClientMetrics;
  readonly poolMetrics: PoolMetrics;
  /** Addresses are being written: whatever else there is to write can wait. */
  readonly busy: () => boolean;
};

/**
 * A Lease that stands still for 6 s is free: after a crash, that is how long no Service gets an address. Shorter would
 * take a slow API server for a dead leader; the two seconds between deadline and duration are for writes under way.
 */
const leaseTimes = { leaseDurationMs: 6_000, renewDeadlineMs: 4_000, retryPeriodMs: 2_000, lookPeriodMs: 1_000 };
const leaseName = "herald-controller";

/**
 * After a calm time a pool's counters and reservations are written at once; while Services get or lose addresses at most so
 * often, and half as often while more than this many do between two writes.
 */
const counterDelayMs = 500;
const counterCrowd = 50;
/** Somebody's edit of a status is looked at so much later: the next turn of the counters is never after that. */
const lookAgainMs = 2 * counterDelayMs;
/** While pools cannot be watched: how often to see whether they can. */
const uncertainMs = 1_000;
/** While sessions come and go, the condition of a peer is written at most so often. */
const sessionsDelayMs = 5_000;

/** All cluster-scoped decisions. Every replica watches and compiles; the leader allocates and writes status. */
export class HeraldOperator extends ControllerOperator {
  readonly #options: HeraldOptions;
  readonly #state: { readonly namespace: string; readonly name: string };
  readonly #running: Promise<void>[] = [];
  readonly #informers: ConfigurationInformers;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #source: SnapshotSource;
  readonly #loop: AllocationLoop;
  readonly #announcements: AnnouncementLoop;
  readonly #states: Informer<ConfigurationState>;
  readonly #statuses: StatusControllers;
  readonly #ownState: Controller;
  readonly #legacy: LegacyConfigurationReconciler;
  readonly #legacyWatch: Controller;
  readonly #election: LeaderElection;
  #rivals: readonly string[] = [];

  constructor(options: HeraldOptions) {
    super(options);
    this.#options = options;
    const { api, clock, log, namespace } = options;
    this.#state = { namespace, name: configurationState.operatorName };
    const lost = new LostPools(api, clock, log, (names) => this.#source.compile(new Set(names)));
    this.#informers = this.#watchConfiguration();
    this.#source = new SnapshotSource({
      readers: this.#informers.readers,
      lost,
      clock,
      backend: options.backend ?? "herald",
      onChange: (current, changed, before) => this.#onConfiguration(current, changed, before),
    });
    this.#services = this.addInformer<Service>({
      type: resourceTypes.services,
      slim: slimService,
      onChange: (change) => {
        this.#loop.onService(change);
        this.#announcements.onService(change);
      },
    });
    this.#pods = this.addInformer<Pod>({
      type: resourceTypes.pods,
      namespace,
      slim: slimPod,
      onChange: (change) => {
        this.#evaluate();
        this.#announcements.onPod(change);
      },
    });
    this.#slices = this.addInformer<EndpointSlice>({
      type: resourceTypes.endpointslices,
      // Headless Services have no addresses of ours; their slices are most of some clusters' slices.
      labelSelector: `!${labels.headless}`,
      slim: slimSlice,
      indexes: sliceIndexes,
      onChange: (change) => this.#announcements.onSlice(change),
    });
    this.#loop = this.#createLoop(lost);
    this.#announcements = this.#createAnnouncements();
    this.#states = this.#watchStates();
    this.#statuses = statusControllers({
      ...options,
      readers: this.#informers.readers,
      configuration: () => this.#source.current,
      counters: this.#loop.counters,
      reservations: this.#loop.reservations,
      sessions: (peer) => peerSessions(this.#states.reader.list(), peer),
      leading: () => this.leading,
    });
    const { reconciler, controller } = this.#watchLegacyConfiguration();
    this.#legacy = reconciler;
    this.#legacyWatch = controller;
    this.#ownState = this.#createStateController();
    this.#election = createLeaderElection({
      api,
      clock,
      log,
      lease: { namespace, name: leaseName },
      identity: options.identity,
      ...(options.random && { random: options.random }),
      ...leaseTimes,
      onStarted: () => this.#begin(),
      onStopped: () => this.#close(),
    });
  }

  /** This replica allocates and writes status. */
  get leading(): boolean {
    return this.#election.leading;
  }

  /** What this replica knows at this moment. */
  get knowledge(): Knowledge {
    return {
      identity: this.#options.identity,
      leading: this.leading,
      leader: this.#election.leader,
      metallbPods: this.#rivals,
      configuration: this.#source.current,
      legacy: this.#legacy.finding,
      counters: this.#loop.counters(),
      needs: this.#loop.needs,
      silent: this.#announcements.silent,
    };
  }

  /** Registers everything that runs. */
  protected override init(): Promise<void> {
    const { controller: allocation } = this.#loop;
    const { controller: announcement } = this.#announcements;
    for (const controller of [allocation, announcement, this.#ownState, this.#legacyWatch, ...Object.values(this.#statuses)])
      this.#addWriter(controller);
    this.addPart({ name: "leader election", start: (signal) => this.#stand(signal) });
    void Promise.all([this.#services.synced, this.#pods.synced]).then(() => this.#evaluate());
    void Promise.all(this.#informers.synced).then(() => this.#source.compile());
    void this.#slices.synced.then(() => this.#announcements.refresh());
    void this.#informers.secretsSynced.then(() => this.#source.plan());
    return Promise.resolve();
  }

  /** What is known of pools and of addresses in use may be of days that never were: it is read anew. */
  protected override rewound(): void {
    this.#close();
    this.#source.forget();
    this.#election.doubt();
    this.#loop.services.clear();
  }

  protected override relisted(): void {
    this.#source.plan();
    this.#evaluate();
    this.#announcements.refresh();
  }

  #watchConfiguration(): ConfigurationInformers {
    return configurationInformers({
      add: (informer) => this.addInformer(informer),
      namespace: this.#options.namespace,
      onChange: (list, change) => {
        if (list === "namespaces") this.#source.onNamespace(change);
        else this.#source.onChange(change);
        if (list === "nodes") this.#announcements.onNode(change);
        if (list === "namespaces" || list === "nodes" || list === "secrets") return;
        // Our own writes come back this way too: a pool's counters must not be written once more for each.
        if (isNewSpec(change)) this.#statuses[list].enqueue(change.key);
        else this.#statuses[list].enqueueAfter(change.key, lookAgainMs);
      },
    });
  }

  #createLoop(lost: LostPools): AllocationLoop {
    const { namespace, poolMetrics, clock } = this.#options;
    const spacing = new Spacing(clock, counterDelayMs, counterCrowd);
    const count = (pool: string): void => this.#statuses.pools.enqueueAfter({ namespace, name: pool }, spacing.delay(pool));
    return new AllocationLoop({
      ...this.#options,
      services: this.#services.reader,
      pools: this.#informers.readers.pools,
      configuration: () => this.#source.current,
      leading: () => this.leading,
      lost,
      doubtMs: () => (this.#informers.poolsUncertain() ? uncertainMs : this.#source.behindMs),
      onCounters: (pool, counters) => {
        poolMetrics.show(pool, counters);
        count(pool);
      },
      onReservations: count,
    });
  }

  #createAnnouncements(): AnnouncementLoop {
    return new AnnouncementLoop({
      ...this.#options,
      services: this.#services.reader,
      latest: this.#loop.services,
      slices: this.#slices.reader,
      nodes: this.#informers.readers.nodes,
      pods: this.#pods.reader,
      configuration: () => this.#source.current,
      leading: () => this.leading,
    });
  }

  /** The own object, and the speakers', which say how their sessions are. */
  #watchStates(): Informer<ConfigurationState> {
    const { namespace, clock } = this.#options;
    const spacing = new Spacing(clock, sessionsDelayMs);
    return this.addInformer<ConfigurationState>({
      type: resourceTypes.configurationstates,
      namespace,
      slim: slimConfiguration,
      onChange: ({ key, before, after }) => {
        if (key.name === this.#state.name) return this.#ownState.enqueue(this.#state);
        for (const name of changedPeers(before, after)) {
          this.#statuses.bgpPeers.enqueueAfter({ namespace, name }, spacing.delay(name));
        }
      },
    });
  }

  #createStateController(): Controller {
    const { pod, clock, log, metrics } = this.#options;
    const reconciler = new ConfigurationStateReconciler({
      ...this.#options,
      states: this.#states.reader,
      configuration: () => this.#source.current,
      owner: ownerOf(pod),
      legacy: () => this.#legacy.finding,
    });
    const guarded = whileLeading(() => this.leading, reconciler);
    return createController({ name: "configurationstate", reconciler: guarded, clock, log, metrics, maxDelayMs: 30_000 });
  }

  #watchLegacyConfiguration() {
    const { namespace, clock, log, metrics, events } = this.#options;
    const configMaps = this.addInformer<SeenConfigMap>({
      type: resourceTypes.configmaps,
      namespace,
      fieldSelector: `metadata.name=${legacyConfigMapName}`,
      slim: slimConfigMap,
      onChange: ({ key }) => {
        this.#legacyWatch.enqueue(key);
        this.#ownState.enqueue(this.#state);
      },
    });
    const reconciler = new LegacyConfigurationReconciler({ configMaps: configMaps.reader, events, log });
    const guarded = whileLeading(() => this.leading, reconciler);
    return {
      reconciler,
      controller: createController({ name: "legacyconfiguration", reconciler: guarded, clock, log, metrics }),
    };
  }

  #addWriter(controller: Controller): void {
    this.addPart({
      name: controller.name,
      start: (signal) => {
        const running = controller.start(signal);
        this.#running.push(running);
        return running;
      },
    });
  }

  /** Leads until everything that writes has come to rest: the next leader must not meet our last writes. */
  async #stand(signal: AbortSignal): Promise<void> {
    const standing = new AbortController();
    const stop = async (): Promise<void> => {
      this.#close();
      await Promise.all(this.#running);
      standing.abort();
    };
    signal.addEventListener("abort", () => void stop(), { once: true });
    if (signal.aborted) return;
    await this.#election.run(standing.signal);
  }

  #begin(): void {
    this.#evaluate();
    enqueueEverything(this.#statuses, this.#informers.readers);
    this.#ownState.enqueue(this.#state);
    this.#enqueueLegacy();
  }

  #onConfiguration(configuration: Configuration, changed: ReadonlySet<string>, before: Configuration | undefined): void {
    const { configLoaded, configStale } = this.#options.metrics;
    configLoaded.set(1);
    configStale.set(judgedErrors(configuration).length > 0 ? 1 : 0);
    this.#loop.onConfiguration(configuration, changed);
    this.#announcements.refresh();
    followConfiguration(this.#statuses, before, configuration);
    this.#ownState.enqueue(this.#state);
    this.#enqueueLegacy();
    this.#evaluate();
  }

  #enqueueLegacy(): void {
    this.#legacyWatch.enqueue({ namespace: this.#options.namespace, name: legacyConfigMapName });
  }

  /** May this replica allocate now? */
  #evaluate(): void {
    if (!this.#pods.reader.synced) return;
    this.#noticeRivals(metallbPods(this.#pods.reader.list()));
    const known = this.#services.reader.synced && this.#source.current !== undefined && this.#source.synced;
    if (this.leading && known && this.#rivals.length === 0 && !this.stopping.aborted) {
      this.#loop.open();
      this.#announcements.open();
    } else this.#close();
  }

  #close(): void {
    this.#loop.close();
    this.#announcements.close();
    this.#options.poolMetrics.clear(); // who does not allocate does not count
  }

  #noticeRivals(rivals: readonly string[]): void {
    const before = this.#rivals;
    this.#rivals = rivals;
    if (before.join() === rivals.join()) return;
    const { log, events, pod } = this.#options;
    if (rivals.length === 0) {
      log.info("MetalLB's Pods are gone: Herald takes over");
      return;
    }
    const message = `MetalLB still runs here (${rivals.slice(0, 10).join(", ")}): Herald serves webhooks and allocates nothing until it is gone`;
    log.warn(message);
    if (pod !== undefined && before.length === 0) events.record(pod, "Warning", "MetalLBPresent", message);
  }
}

function isNewSpec({ before, after }: Change<KubeObject>): boolean {
  return before?.metadata.generation === undefined || before.metadata.generation !== after?.metadata.generation;
}

function ownerOf(pod: Involved | undefined) {
  if (pod === undefined) return undefined;
  return { apiVersion: "v1", kind: "Pod", name: pod.metadata.name, uid: pod.metadata.uid ?? "" };
}
