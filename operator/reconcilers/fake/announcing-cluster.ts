import { type EndpointSlice, type Node, type Pod, resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import type { L2Advertisement, L2AdvertisementSpec } from "../../../crds/types/l2-advertisement.ts";
import { heraldAnnotations, labels } from "../../../crds/types/well-known.ts";
import { slimNode, slimSlice } from "../../../speaker/intent/slim.ts";
import { KubeError } from "../../framework/api/kube-api.ts";
import type { IndexedReader } from "../../framework/informer/store.ts";
import { AnnouncementLoop, sliceIndexes } from "../service/announcement-loop.ts";
import { slimPod, slimService } from "../slim.ts";
import { FakeCluster, namespace } from "./cluster.ts";

/** What a test wants to be special about a Node; a Node is Ready unless it says otherwise. */
export type NodeChanges = { readonly ready?: boolean; readonly labels?: Readonly<Record<string, string>> };

/** A {@link FakeCluster} that also tells Services whether they are announced. */
export class AnnouncingCluster extends FakeCluster {
  readonly announcements: AnnouncementLoop;
  busy = false;
  /** Keys of the Services whose standing was looked at, in order. */
  readonly looks: string[] = [];
  reconciliations = 0;

  constructor({ mayReadEndpoints = true }: { readonly mayReadEndpoints?: boolean } = {}) {
    super();
    this.api.hook(({ type }) => {
      if (type.plural === "endpointslices" && !mayReadEndpoints) throw new KubeError("forbidden", 403, "Forbidden");
    });
    const { loop, status, events, clock, log } = this;
    const services = this.watch<Service>({
      type: resourceTypes.services,
      slim: slimService,
      onChange: (change) => this.announcements.onService(change),
    });
    const slices = this.watch<EndpointSlice>({
      type: resourceTypes.endpointslices,
      slim: slimSlice,
      indexes: sliceIndexes,
      onChange: (change) => this.announcements.onSlice(change),
    });
    const nodes = this.watch<Node>({
      type: resourceTypes.nodes,
      slim: slimNode,
      onChange: (change) => this.announcements.onNode(change),
    });
    const pods = this.watch<Pod>({
      type: resourceTypes.pods,
      slim: slimPod,
      onChange: (change) => this.announcements.onPod(change),
    });
    this.announcements = new AnnouncementLoop({
      services: services.reader,
      latest: loop.services,
      slices: this.#counted(slices.reader),
      nodes: nodes.reader,
      pods: pods.reader,
      configuration: () => this.source.current,
      leading: () => this.leading,
      loadBalancerClass: "",
      status,
      events,
      busy: () => this.busy,
      metrics: { updates: { inc: () => this.reconciliations++ }, updateErrors: { inc: () => {} } },
      pace: () => this.pace(),
      clock,
      log,
    });
    this.followers.push(() => this.announcements.refresh());
    this.work(this.announcements.controller);
  }

  /** Whoever looks at a Service asks for its endpoints. */
  #counted(reader: IndexedReader<EndpointSlice>): IndexedReader<EndpointSlice> {
    const by = (name: string, service: string): readonly EndpointSlice[] => {
      this.looks.push(service);
      return reader.by(name, service);
    };
    return {
      by,
      get: (key) => reader.get(key),
      at: (key) => reader.at(key),
      list: () => reader.list(),
      get synced() {
        return reader.synced;
      },
      get size() {
        return reader.size;
      },
    };
  }

  override async start(): Promise<void> {
    await super.start();
    this.announcements.open();
    await this.run();
  }

  override async close(): Promise<void> {
    this.announcements.close();
    await super.close();
  }

  /** A Node with a speaker that is ready. */
  putNode(name: string, changes: NodeChanges = {}): void {
    const conditions = [{ type: "Ready", status: (changes.ready ?? true) ? "True" : "False" }];
    const node: Node = { metadata: { name, ...(changes.labels && { labels: changes.labels }) }, status: { conditions } };
    this.api.put(resourceTypes.nodes, node);
    this.putSpeaker(name, true);
  }

  putSpeaker(node: string, ready: boolean, args: readonly string[] = []): void {
    this.api.put<Pod>(resourceTypes.pods, {
      metadata: {
        namespace,
        name: `speaker-${node}`,
        labels: { component: "speaker" },
        annotations: { [heraldAnnotations.generation]: "1" },
      },
      spec: { nodeName: node, containers: [{ args }] },
      status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
    });
  }

  putAdvertisement(name: string, spec: L2AdvertisementSpec = {}): void {
    this.api.put<L2Advertisement>(resourceTypes.l2advertisements, { metadata: { namespace, name }, spec });
  }

  /** One slice of a Service, with an endpoint on each of the nodes. */
  putEndpoints(service: string, nodes: readonly string[], ready = true): void {
    this.api.put<EndpointSlice>(resourceTypes.endpointslices, {
      metadata: { namespace: "default", name: `${service}-1`, labels: { [labels.serviceOfEndpointSlice]: service } },
      endpoints: nodes.map((nodeName) => ({ nodeName, conditions: { ready } })),
    });
  }

  /** Condition Announced of a Service: status, reason and message. */
  announcedOf(name: string): readonly string[] | undefined {
    return this.conditionOf(name, "herald-lb.io/Announced");
  }
}
