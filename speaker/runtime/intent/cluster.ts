import { type ConfigurationList, configurationTypes, type Resources } from "../../../crds/config/resources.ts";
import { passwordSecrets } from "../../../crds/config/secrets.ts";
import { canonicalAddress } from "../../../crds/net/address.ts";
import {
  type EndpointSlice,
  type Node,
  type ObjectBase,
  type Pod,
  resourceTypes,
  type Secret,
  type Service,
} from "../../../crds/types/kubernetes.ts";
import { isDraining, labels } from "../../../crds/types/well-known.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import { keyText } from "../../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../../operator/framework/clock.ts";
import { createInformer, type Informer } from "../../../operator/framework/informer/informer.ts";
import type { Change } from "../../../operator/framework/informer/store.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { EndpointView, NodeView, ServiceView } from "../../intent/cluster.ts";
import { candidacyOf } from "../../intent/eligibility.ts";
import { slimConfiguration, slimNamespace, slimNode, slimPod, slimSecret, slimService, slimSlice } from "../../intent/slim.ts";
import { endpointViews, nodeView, serviceOfSlice, servicesOfSliceChange, serviceView } from "../../intent/view.ts";
import type { SpeakerPod } from "../../membership/event.ts";
import type { ApiView } from "../../membership/from-api.ts";
import { type SpeakerPodView, speakerPodView } from "../../membership/speaker-pod.ts";
import type { ClusterReader } from "./intent-engine.ts";

export type ClusterOptions = {
  readonly api: KubeApi;
  /** Of the configuration and of the speakers' Pods. */
  readonly namespace: string;
  /** Label selector of the speakers' Pods; empty: they are not watched. */
  readonly podLabels: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A Service or its endpoints changed. */
  readonly onService: (key: string, what: "service" | "endpoints") => void;
  /** A Service got addresses, or lost some. Canonical texts. */
  readonly onAddresses: (appeared: readonly string[], gone: readonly string[]) => void;
  /** Nodes or Pods changed in a way that candidates may depend on. */
  readonly onMembers: () => void;
  /** Something that compile reads changed. */
  readonly onConfiguration: () => void;
  /** A Secret changed that may hold a password. */
  readonly onSecret: () => void;
};

/** What has been read for the first time. */
export type Reading = {
  /** All that the configuration is compiled of; Services and their endpoints may be to come. */
  readonly onConfigured: () => void;
  /** Those too: everything that decisions need. */
  readonly onSynced: () => void;
};

const byService = "service";

/** What this speaker reads of the API: local copies, cut down, and a call when something in them matters anew. */
export class Cluster implements ClusterReader {
  readonly #options: ClusterOptions;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<ObjectBase>;
  readonly #pods: Informer<Pod> | undefined;
  /** For checking the peers' passwords: nothing waits for them. */
  readonly #secrets: Informer<Secret>;
  readonly #configuration: { readonly [list in ConfigurationList]: Informer<ObjectBase> };

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { api, clock, log, namespace, podLabels } = options;
    const common = { api, clock, log };
    this.#services = createInformer<Service>({
      ...common,
      type: resourceTypes.services,
      slim: slimService,
      onChange: (change) => this.#serviceChanged(change),
    });
    this.#slices = createInformer<EndpointSlice>({
      ...common,
      type: resourceTypes.endpointslices,
      // Headless Services have no load balancer; their slices are most of some clusters' slices.
      labelSelector: `!${labels.headless}`,
      slim: slimSlice,
      indexes: { [byService]: serviceOfSlice },
      onChange: (change) => this.#sliceChanged(change),
    });
    this.#nodes = createInformer<Node>({
      ...common,
      type: resourceTypes.nodes,
      slim: slimNode,
      onChange: (change) => this.#nodeChanged(change),
    });
    this.#namespaces = createInformer<ObjectBase>({
      ...common,
      type: resourceTypes.namespaces,
      slim: slimNamespace,
      onChange: (change) => {
        if (differs(change, ({ metadata }) => metadata.labels)) options.onConfiguration();
      },
    });
    this.#pods =
      podLabels === ""
        ? undefined
        : createInformer<Pod>({
            ...common,
            type: resourceTypes.pods,
            namespace,
            labelSelector: podLabels,
            slim: slimPod,
            // MetalLB's role allows no watch: on the way back to it, its speakers must be seen all the same.
            listsInstead: true,
            onChange: (change) => {
              if (differs(change, speakerPodView)) options.onMembers();
            },
          });
    this.#configuration = this.#configurationInformers();
    this.#secrets = createInformer<Secret>({
      ...common,
      type: resourceTypes.secrets,
      namespace,
      fieldSelector: passwordSecrets,
      slim: slimSecret,
      onChange: (change) => {
        if (differs(change, ({ metadata: _, ...outline }) => outline)) options.onConfiguration();
        options.onSecret();
      },
    });
  }

  /** Lists and watches until `signal` aborts. */
  async start(signal: AbortSignal, reading: Reading): Promise<void> {
    const configured = Promise.all(this.#configured.map(({ synced }) => synced));
    const announced = Promise.all([this.#services.synced, this.#slices.synced]);
    void configured
      .then(reading.onConfigured)
      .then(() => announced)
      .then(reading.onSynced);
    void this.#pods?.synced.then(() => this.#options.onMembers());
    void this.#secrets.synced.then(() => this.#options.onConfiguration());
    await Promise.all(this.#informers.map((informer) => informer.start(signal)));
  }

  /** What the configuration is compiled of. */
  get #configured() {
    return [this.#nodes, this.#namespaces, ...Object.values(this.#configuration)];
  }

  get #informers() {
    const pods = this.#pods === undefined ? [] : [this.#pods];
    return [this.#services, this.#slices, ...this.#configured, ...pods, this.#secrets];
  }

  /** Kinds whose copies may be out of date, with the reason. */
  failing(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#informers.flatMap(({ type, failing }) => (failing === undefined ? [] : [[type.kind, failing] as const])),
    );
  }

  service(key: string): ServiceView | undefined {
    const service = this.object(key);
    return service && serviceView(service);
  }

  /** The Service as it is kept, for events about it. */
  object(key: string): Service | undefined {
    return this.#services.reader.at(key);
  }

  endpoints(key: string): readonly EndpointView[] {
    return this.#slices.reader.by(byService, key).flatMap(endpointViews);
  }

  *serviceKeys(): IterableIterator<string> {
    for (const service of this.#services.reader.list()) {
      if (service.spec?.type === "LoadBalancer") yield keyText(namespaced(service));
    }
  }

  nodes(): ReadonlyMap<string, NodeView> {
    return new Map([...this.#nodes.reader.list()].map(nodeView).map((view) => [view.name, view]));
  }

  /** What membership is derived from. Pods that may not be listed count as unknown. */
  members(nodes: ReadonlyMap<string, NodeView>): ApiView {
    const { pods, waiting } = this.#speakerPods();
    return { synced: this.#nodes.reader.synced && !waiting, nodes: [...nodes.values()], pods };
  }

  /** What tells this cluster from others; undefined until it was read. */
  clusterId(): string | undefined {
    return this.#namespaces.reader.get({ name: "kube-system" })?.metadata.uid;
  }

  /** Where the speakers are. Where their Pods may not be listed there is one on each Ready Node, which shares its address. */
  speakerPods(): readonly SpeakerPod[] {
    const nodes = new Map([...this.#nodes.reader.list()].map((node) => [node.metadata.name, node]));
    const { pods } = this.#speakerPods();
    const takesAddresses = (name: string): boolean => {
      const node = nodes.get(name);
      return node !== undefined && nodeView(node).ready && !isDraining(node.metadata.annotations);
    };
    if (pods === undefined) {
      return [...nodes].map(([node, { status }]) => ({ node, address: internalAddress(status), ready: takesAddresses(node) }));
    }
    return pods
      .filter(({ herald }) => herald)
      .map(({ nodeName: node, address, ready, leaving }) => ({ node, address, ready: ready && !leaving && takesAddresses(node) }))
      .sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  /** The version of a Secret that may hold a password; undefined: there is none, or it is not known. */
  secretVersion(name: string): string | undefined {
    return this.#secrets.reader.get({ namespace: this.#options.namespace, name })?.metadata.resourceVersion;
  }

  /** The speakers that are to stay: neither their Pod nor the annotation of their Node says that they give their addresses away. */
  stayingSpeakers(): readonly Pick<SpeakerPod, "node" | "address">[] {
    const leaving = new Set((this.#speakerPods().pods ?? []).flatMap((pod) => (pod.leaving ? [pod.nodeName] : [])));
    return this.speakerPods().filter(({ node }) => !leaving.has(node) && !this.isDrained(node));
  }

  /** The Node's annotation asks that its addresses go elsewhere. */
  isDrained(name: string): boolean {
    return isDraining(this.#nodes.reader.get({ name })?.metadata.annotations);
  }

  resources(): Resources {
    const listed = Object.entries(this.#configuration).map(([kind, { reader }]) => [kind, [...reader.list()]] as const);
    const configuration = Object.fromEntries(listed) as { readonly [list in ConfigurationList]: readonly ObjectBase[] };
    return {
      ...configuration,
      namespaces: [...this.#namespaces.reader.list()],
      nodes: [...this.#nodes.reader.list()],
      ...(this.#secrets.reader.synced && { secrets: [...this.#secrets.reader.list()] }),
    };
  }

  #speakerPods(): { readonly pods: readonly SpeakerPodView[] | undefined; readonly waiting: boolean } {
    if (this.#pods === undefined) return { pods: undefined, waiting: false };
    if (!this.#pods.reader.synced) return { pods: undefined, waiting: this.#pods.failing === undefined };
    return { pods: [...this.#pods.reader.list()].flatMap((pod) => speakerPodView(pod) ?? []), waiting: false };
  }

  #configurationInformers(): { readonly [list in ConfigurationList]: Informer<ObjectBase> } {
    const { api, clock, log, namespace, onConfiguration } = this.#options;
    const informer = (list: ConfigurationList): Informer<ObjectBase> =>
      createInformer<ObjectBase>({
        api,
        clock,
        log,
        type: configurationTypes[list],
        namespace,
        slim: slimConfiguration,
        onChange: (change) => {
          if (differs(change, meaningOf)) onConfiguration();
        },
      });
    return {
      pools: informer("pools"),
      l2Advertisements: informer("l2Advertisements"),
      bgpAdvertisements: informer("bgpAdvertisements"),
      bgpPeers: informer("bgpPeers"),
      bfdProfiles: informer("bfdProfiles"),
      communities: informer("communities"),
    };
  }

  #serviceChanged({ key, before, after }: Change<Service>): void {
    const balances = before?.spec?.type === "LoadBalancer" || after?.spec?.type === "LoadBalancer";
    if (!balances) return;
    const [former, present] = [addressesOf(before), addressesOf(after)];
    const appeared = present.filter((ip) => !former.includes(ip));
    const gone = former.filter((ip) => !present.includes(ip));
    if (appeared.length > 0 || gone.length > 0) this.#options.onAddresses(appeared, gone);
    this.#options.onService(keyText(key), "service");
  }

  #sliceChanged({ before, after }: Change<EndpointSlice>): void {
    for (const key of servicesOfSliceChange(before, after)) {
      if (this.object(key)?.spec?.type === "LoadBalancer") this.#options.onService(key, "endpoints");
    }
  }

  #nodeChanged(change: Change<Node>): void {
    if (differs(change, ({ metadata }) => metadata.labels)) this.#options.onConfiguration();
    const membership = (node: Node) => [
      candidacyOf(nodeView(node)),
      isDraining(node.metadata.annotations),
      internalAddress(node.status),
    ];
    if (differs(change, membership)) this.#options.onMembers();
  }
}

/** The address by which the Node is known in the cluster; empty when it has none. */
function internalAddress(status: Node["status"]): string {
  return status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "";
}

function addressesOf(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip = "" }) => canonicalAddress(ip) ?? []);
}

function namespaced({ metadata }: ObjectBase): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}

/** Without the counters that the operator writes into a pool's status with every allocation. */
function meaningOf(object: ObjectBase): unknown {
  const { metadata, spec, status } = object as ObjectBase & {
    readonly spec?: unknown;
    readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
  };
  const { generation, labels: own, annotations, creationTimestamp } = metadata;
  const accepted = status?.conditions?.filter(({ type }) => type === "Accepted");
  return [generation, own, annotations, creationTimestamp, spec, accepted];
}

function differs<T>({ before, after }: Change<T>, part: (object: T) => unknown): boolean {
  if (before === undefined || after === undefined) return true;
  return JSON.stringify(part(before)) !== JSON.stringify(part(after));
}
