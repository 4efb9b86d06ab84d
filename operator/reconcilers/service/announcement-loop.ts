import { hash } from "node:crypto";
import type { EndpointSlice, Node, Pod, Service } from "../../../crds/types/kubernetes.ts";
import type { ClusterContext } from "../../../speaker/intent/context.ts";
import { candidacyOf } from "../../../speaker/intent/eligibility.ts";
import { endpointViews, nodeView, serviceOfSlice, servicesOfSliceChange } from "../../../speaker/intent/view.ts";
import { speakerPodView } from "../../../speaker/membership/speaker-pod.ts";
import { changeBetween } from "../../explain/context-change.ts";
import { Standings } from "../../explain/standings.ts";
import { keyOf, parseKeyText } from "../../framework/api/kube-object.ts";
import { sameJson } from "../../framework/api/merge-patch.ts";
import type { Cancel, Clock } from "../../framework/clock.ts";
import { type Controller, type ControllerMetrics, createController } from "../../framework/controller.ts";
import type { Change, IndexedReader, IndexFunction, Reader } from "../../framework/informer/store.ts";
import type { Log } from "../../framework/log/log.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import type { StatusWriter } from "../../framework/write/status.ts";
import type { Configuration } from "../configuration.ts";
import { excludeFlags, isSpeaker, speakersOf } from "../speaker-pods.ts";
import type { Busyness } from "./busyness.ts";
import type { LatestServices } from "./latest-services.ts";
import { createPace, type Pace } from "./pace.ts";
import { ServiceAnnouncementReconciler } from "./service-announcement.ts";

export type AnnouncementLoopOptions = {
  readonly services: Reader<Service>;
  readonly latest: LatestServices;
  /** Kept under {@link sliceIndexes}. */
  readonly slices: IndexedReader<EndpointSlice>;
  readonly nodes: Reader<Node>;
  /** All of the operator's namespace. */
  readonly pods: Reader<Pod>;
  readonly configuration: () => Configuration | undefined;
  /** False as soon as leadership is over, even before {@link AnnouncementLoop.close} was called. */
  readonly leading: () => boolean;
  readonly loadBalancerClass: string;
  readonly status: StatusWriter;
  readonly events: EventRecorder;
  readonly busy: Busyness;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  /** Called between two Services; absent: it lets others have their turn every few milliseconds. */
  readonly pace?: Pace;
  readonly log: Log;
};

const byService = "service";

/** The indexes that the informer of EndpointSlices has to keep. */
export const sliceIndexes: Readonly<Record<string, IndexFunction<EndpointSlice>>> = { [byService]: serviceOfSlice };

/** Few, so that conditions never stand in the way of addresses. */
const workers = 4;
const maxDelayMs = 30_000;
/** Nodes and Pods change together when one comes or goes. */
const settleMs = 200;
/** Whoever begins to lead has addresses to give first; nobody is told of a silence this young anyway. */
const firstLookMs = 1_000;

/** Everything that tells Services whether a node announces them: the queue, what is known of the cluster, and whom a change concerns. */
export class AnnouncementLoop {
  readonly controller: Controller;
  readonly #options: AnnouncementLoopOptions;
  readonly #reconciler: ServiceAnnouncementReconciler;
  readonly #standings = new Standings();
  #opening: Cancel | undefined;
  #open = false;
  #context: ClusterContext | undefined;
  #planned: Cancel | undefined;

  constructor(options: AnnouncementLoopOptions) {
    this.#options = options;
    const { clock, log, metrics, latest, slices, leading, pace = createPace(clock) } = options;
    this.#reconciler = new ServiceAnnouncementReconciler({
      ...options,
      services: latest,
      context: () => (leading() ? this.#context : undefined),
      endpointsOf: (service) => slices.by(byService, service).flatMap(endpointViews),
      standings: this.#standings,
      enqueue: (service) => this.controller.enqueue(parseKeyText(service)),
      pace,
    });
    this.controller = createController({
      name: "announcement",
      reconciler: this.#reconciler,
      clock,
      log,
      metrics,
      workers,
      maxDelayMs,
    });
  }

  /** Looks at every Service soon, when enough is known; harmless when it has done so. */
  open(): void {
    this.#opening ??= this.#options.clock.after(firstLookMs, () => {
      this.#open = true;
      this.refresh();
    });
  }

  /** Tells nobody anything any more. */
  close(): void {
    this.#opening?.();
    this.#opening = undefined;
    this.#open = false;
    this.#planned?.();
    this.#planned = undefined;
    this.#context = undefined;
    this.#standings.clear();
    this.#reconciler.clear();
  }

  /** Why no node announces them, of the Services that were told; undefined while nobody is told anything. */
  get silent(): ReadonlyMap<string, string> | undefined {
    return this.#context && this.#reconciler.silent;
  }

  /** For the informer of Services. */
  readonly onService = ({ key, before, after }: Change<Service>): void => {
    if (isBalanced(before) || isBalanced(after)) this.controller.enqueue(key);
  };

  /** For the informer of EndpointSlices. */
  readonly onSlice = ({ before, after }: Change<EndpointSlice>): void => {
    if (this.#context === undefined) return;
    for (const service of servicesOfSliceChange(before, after)) {
      const key = parseKeyText(service);
      if (isBalanced(this.#options.services.get(key))) this.controller.enqueue(key);
    }
  };

  /** For the informer of Nodes: heartbeats do not matter here. */
  readonly onNode = ({ before, after }: Change<Node>): void => {
    if (before === undefined || after === undefined || !sameJson(candidacyOf(nodeView(before)), candidacyOf(nodeView(after))))
      this.#plan();
  };

  /** For the informer of Pods. */
  readonly onPod = ({ before, after }: Change<Pod>): void => {
    if (!sameJson(meaningOf(before), meaningOf(after))) this.#plan();
  };

  /** Configuration, nodes or speakers are others: those whom that can matter to are looked at again. */
  readonly refresh = (): void => {
    const before = this.#context;
    this.#context = this.#open ? this.#read() : undefined;
    if (this.#context === undefined) return;
    if (before === undefined) {
      for (const service of this.#options.services.list()) if (isBalanced(service)) this.controller.enqueue(keyOf(service));
      return;
    }
    const concerned = this.#standings.concernedBy(changeBetween(before, this.#context));
    for (const service of concerned) this.controller.enqueue(parseKeyText(service));
  };

  #plan(): void {
    if (!this.#open) return;
    this.#planned ??= this.#options.clock.after(settleMs, () => {
      this.#planned = undefined;
      this.refresh();
    });
  }

  #read(): ClusterContext | undefined {
    const { services, slices, nodes, pods, configuration, loadBalancerClass } = this.#options;
    const current = configuration();
    if (current === undefined || [services, slices, nodes, pods].some(({ synced }) => !synced)) return undefined;
    const views = [...nodes.list()].map(nodeView);
    const { members, foreign, ignoreExcludeLB } = speakersOf(pods.list(), views);
    return {
      snapshot: current.adopted.snapshot,
      nodes: new Map(views.map((view) => [view.name, view])),
      members,
      foreignSpeakers: foreign,
      options: { lbClass: loadBalancerClass || undefined, ignoreExcludeLB },
      sha256: (text) => hash("sha256", text, "buffer"),
    };
  }
}

function isBalanced(service: Service | undefined): boolean {
  return service?.spec?.type === "LoadBalancer";
}

/** What the operator reads from a speaker's Pod. */
function meaningOf(pod: Pod | undefined): unknown {
  return pod !== undefined && isSpeaker(pod) ? [speakerPodView(pod), excludeFlags(pod)] : undefined;
}
