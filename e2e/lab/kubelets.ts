import type { ApiClient } from "./api-client.ts";
import { beat, registerNode } from "./node-registry.ts";
import type { Node, Pod } from "./objects.ts";
import { AddressIndexes } from "./pod-network.ts";
import { isCut, PodWorker, type WorkerDeps } from "./pod-worker.ts";
import { bind, chooseNode } from "./scheduler.ts";
import type { NodeHost, Topology } from "./topology.ts";

export type KubeletsOptions = {
  readonly api: ApiClient;
  readonly topology: Topology;
  readonly projectDir: string;
  readonly heartbeatMs: number;
};

/** Stands for the kubelets of all nodes and for the scheduler: registers nodes, places pods, runs them. */
export class Kubelets {
  readonly #options: KubeletsOptions;
  readonly #nodes: ReadonlyMap<string, { readonly host: NodeHost; readonly deps: WorkerDeps }>;
  readonly #workers = new Map<string, { readonly worker: PodWorker; readonly node: string }>();
  readonly #binding = new Set<string>();
  /** Pods that were just placed, until the watch tells so. */
  readonly #assumed = new Map<string, Pod>();
  readonly #stop = new AbortController();
  #pods: ReadonlyMap<string, Pod> = new Map();
  #nodeObjects: ReadonlyMap<string, Node> = new Map();

  constructor(options: KubeletsOptions) {
    this.#options = options;
    const { api, topology, projectDir } = options;
    this.#nodes = new Map(
      topology.nodes.map((node) => {
        const isConnected = (): boolean => !isCut(topology.id, node.name);
        const deps = { api, topology, node, indexes: new AddressIndexes(), projectDir, isConnected };
        return [node.name, { host: node, deps }] as const;
      }),
    );
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    const { api } = this.#options;
    for (const { host } of this.#nodes.values()) void this.#heartbeats(host);
    const resync = setInterval(() => this.#sync(), 1000);
    await Promise.all([
      api.follow<Node>("/api/v1/nodes", (nodes) => this.#see({ nodes }), this.#stop.signal),
      api.follow<Pod>("/api/v1/pods", (pods) => this.#see({ pods }), this.#stop.signal),
    ]);
    clearInterval(resync);
  }

  /** Kills all pods; the lab is going away. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#workers.values()].map(({ worker }) => worker.stop(0, false)));
  }

  async #heartbeats(host: NodeHost): Promise<void> {
    const { api, topology, heartbeatMs } = this.#options;
    let registered = false;
    while (!this.#stop.signal.aborted) {
      try {
        if (!isCut(topology.id, host.name)) await (registered ? beat(api, host) : registerNode(api, host));
        registered = true;
      } catch {
        // the API server is away, or a user deleted the Node: the next beat makes it again
        registered = false;
      }
      await new Promise((resolve) => setTimeout(resolve, registered ? heartbeatMs : 100));
    }
  }

  #see(seen: { readonly pods?: ReadonlyMap<string, Pod>; readonly nodes?: ReadonlyMap<string, Node> }): void {
    this.#pods = seen.pods ?? this.#pods;
    this.#nodeObjects = seen.nodes ?? this.#nodeObjects;
    this.#sync();
  }

  #sync(): void {
    if (this.#stop.signal.aborted) return;
    for (const [uid, pod] of this.#pods) {
      if (pod.spec.nodeName === undefined || pod.spec.nodeName === "") this.#place(uid, pod);
      else this.#keep(uid, pod, pod.spec.nodeName);
    }
    for (const [uid, { worker, node }] of this.#workers)
      if (!this.#pods.has(uid) && !isCut(this.#options.topology.id, node)) this.#end(uid, worker, 0, false);
  }

  #keep(uid: string, pod: Pod, nodeName: string): void {
    const node = this.#nodes.get(nodeName);
    if (node === undefined || !node.deps.isConnected()) return;
    const known = this.#workers.get(uid);
    const deleting = pod.metadata.deletionTimestamp !== undefined;
    if (known === undefined) this.#workers.set(uid, { worker: new PodWorker(node.deps, pod), node: nodeName });
    else if (deleting) this.#end(uid, known.worker, pod.metadata.deletionGracePeriodSeconds ?? 30, true);
    else known.worker.confirm(pod);
  }

  #end(uid: string, worker: PodWorker, graceSeconds: number, inApi: boolean): void {
    void worker.stop(graceSeconds, inApi).then(() => {
      if (!this.#pods.has(uid)) this.#workers.delete(uid);
    });
  }

  /** One at a time for each Pod; a binding that fails is tried again at the next look. */
  #place(uid: string, pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined || this.#binding.has(uid)) return;
    const placed = [...this.#pods.values()].map((other) => this.#assumed.get(other.metadata.uid ?? "") ?? other);
    const node = chooseNode(pod, [...this.#nodeObjects.values()], placed);
    if (node === undefined) return;
    this.#binding.add(uid);
    this.#assumed.set(uid, { ...pod, spec: { ...pod.spec, nodeName: node } });
    void bind(this.#options.api, pod, node)
      .catch(() => this.#binding.delete(uid))
      .finally(() => setTimeout(() => this.#assumed.delete(uid), 2000));
  }
}
