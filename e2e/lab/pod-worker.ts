import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiRefusal } from "./api-client.ts";
import { ControlGroup, groupName } from "./cgroup.ts";
import { ContainerLoop } from "./container-loop.ts";
import { ContainerProcess } from "./container-process.ts";
import type { ContainerLaunch } from "./container-script.ts";
import { ContainerRefusal, environmentOf, expand, type KeyLookup, type PodFacts, privilegesOf } from "./container-spec.ts";
import { programOf } from "./images.ts";
import { limitsOf } from "./limits.ts";
import type { Condition, Container, KeyedData, Pod } from "./objects.ts";
import { type AddressIndexes, createPodNetwork, type PodNetwork, removePodNetwork } from "./pod-network.ts";
import { podStatus } from "./pod-status.ts";
import { logDir, stateDir } from "./state.ts";
import type { NodeHost, Topology } from "./topology.ts";
import { Volumes } from "./volumes.ts";

export type WorkerDeps = {
  readonly api: ApiClient;
  readonly topology: Topology;
  readonly node: NodeHost;
  readonly indexes: AddressIndexes;
  readonly projectDir: string;
  /** False while the node is cut off: nothing reaches the API server then. */
  readonly isConnected: () => boolean;
};

const volumeRefreshMs = 20_000;

/** Runs one Pod on one node from its first container to its removal from the API. */
export class PodWorker {
  readonly #deps: WorkerDeps;
  readonly #pod: Pod;
  readonly #volumes: Volumes;
  readonly #folder: string;
  readonly #index: number;
  readonly #startedAt = timestamp();
  #network: PodNetwork | undefined;
  #loops: readonly ContainerLoop[] = [];
  #initLoops: readonly ContainerLoop[] = [];
  #statusWanted = false;
  #publishing: Promise<void> = Promise.resolve();
  #conditions: readonly Condition[] = [];
  #refresh: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  readonly #started: Promise<void>;

  constructor(deps: WorkerDeps, pod: Pod) {
    this.#deps = deps;
    this.#pod = pod;
    this.#folder = join(stateDir(deps.topology.id), "pods", `${pod.metadata.namespace}_${pod.metadata.name}`);
    this.#volumes = new Volumes(deps.api, join(this.#folder, "volumes"));
    this.#index = pod.spec.hostNetwork === true ? 0 : deps.indexes.take();
    this.#started = this.#start();
  }

  /** Stops the pod's processes within the grace period and removes what it had; `inApi`: and the Pod object. */
  stop(graceSeconds: number, inApi: boolean): Promise<void> {
    this.#stopped ??= this.#shutDown(graceSeconds, inApi);
    return this.#stopped;
  }

  /** Writes the status again when others have changed what it says: the node controller does while a node does not answer. */
  confirm({ status }: Pod): void {
    const said = new Map(status?.conditions?.map((condition) => [condition.type, condition.status]));
    if (this.#conditions.some((condition) => said.get(condition.type) !== condition.status)) this.#publish();
  }

  async #start(): Promise<void> {
    const { node } = this.#deps;
    mkdirSync(this.#folder, { recursive: true });
    const { hostNetwork } = this.#pod.spec;
    const label = (this.#pod.metadata.uid ?? "").slice(0, 8);
    this.#network = hostNetwork === true ? { namespace: node.namespace, addresses: node.addresses } : await this.#connect(label);
    if (this.#network === undefined || this.#stopped !== undefined) return;
    const loops = (containers: readonly Container[]): readonly ContainerLoop[] =>
      containers.map((container) => new ContainerLoop(container, this.#loopDeps()));
    this.#initLoops = loops(this.#pod.spec.initContainers ?? []);
    this.#loops = loops(this.#pod.spec.containers);
    this.#publish();
    for (const loop of this.#initLoops) await this.#runToEnd(loop);
    if (this.#stopped !== undefined) return;
    for (const loop of this.#loops) loop.start();
    this.#refresh = setInterval(() => void this.#volumes.prepare(this.#facts()).catch(() => {}), volumeRefreshMs);
  }

  /** As kubelet does while the network plug-in fails: once a second. Undefined when the pod was stopped meanwhile. */
  async #connect(label: string): Promise<PodNetwork | undefined> {
    while (this.#stopped === undefined) {
      try {
        return await createPodNetwork(this.#deps.topology.id, this.#deps.node, label, this.#index);
      } catch (error) {
        console.error(`${this.#pod.metadata.name}: no network yet`, error);
        await sleep(1000);
      }
    }
    return undefined;
  }

  /** An init container starts anew until it ends with status 0. */
  async #runToEnd(loop: ContainerLoop): Promise<void> {
    loop.start();
    while (this.#stopped === undefined && loop.report.restartCount === 0) await sleep(50);
    await loop.stop(0);
  }

  #loopDeps(): ConstructorParameters<typeof ContainerLoop>[1] {
    const target = { namespace: this.#deps.node.namespace, podIP: this.#network?.addresses[0] ?? "" };
    const backoffMs = (restart: number): number => (restart === 0 ? 0 : Math.min(10_000 * 2 ** (restart - 1), 300_000));
    return { start: (container) => this.#launch(container), target, onReport: () => this.#publish(), backoffMs };
  }

  async #launch(container: Container): Promise<ContainerProcess> {
    const facts = this.#facts();
    await this.#volumes.prepare(facts);
    const { topology, projectDir } = this.#deps;
    const env = await environmentOf(container, facts, topology.apiServiceAddresses[0] ?? "", this.#lookUp());
    const args = (container.args ?? []).map((arg) => expand(arg, env));
    const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath, readOnly }) => {
      const source = this.#volumes.hostPath(facts, name);
      if (source === undefined) throw new ContainerRefusal("CreateContainerError", `there is no volume "${name}"`);
      return { source: subPath === undefined ? source : join(source, subPath), target: mountPath, readOnly: readOnly === true };
    });
    const launch = {
      root: join(this.#folder, container.name),
      projectDir,
      program: programOf(this.#pod, container, args, projectDir),
      mounts,
      ...privilegesOf(this.#pod, container),
      ...this.#groupOf(container),
    };
    const logFile = join(
      logDir(topology.id),
      "pods",
      this.#pod.metadata.namespace ?? "",
      this.#pod.metadata.name,
      `${container.name}.log`,
    );
    return ContainerProcess.start(launch, this.#network?.namespace ?? "", env, logFile);
  }

  #groupOf(container: Container): Pick<ContainerLaunch, "joinFiles" | "groupMounts"> {
    const limits = limitsOf(container);
    if (Object.keys(limits).length === 0) return { joinFiles: [], groupMounts: [] };
    const { joinFiles, mounts } = ControlGroup.create(this.#groupName(container), limits);
    return { joinFiles, groupMounts: mounts };
  }

  #groupName({ name }: Container): string {
    return groupName(this.#deps.topology.id, this.#pod.metadata.uid ?? "", name);
  }

  #facts(): PodFacts {
    return { pod: this.#pod, podIPs: this.#network?.addresses ?? [], hostIPs: this.#deps.node.addresses };
  }

  #lookUp(): KeyLookup {
    return async (kind, { name, key }) => {
      try {
        const object = await this.#deps.api.get<KeyedData>(`/api/v1/namespaces/${this.#pod.metadata.namespace}/${kind}/${name}`);
        const text = object.data?.[key];
        return text === undefined || kind === "configmaps" ? text : Buffer.from(text, "base64").toString();
      } catch (error) {
        if (error instanceof ApiRefusal && error.status === 404) return undefined;
        throw error;
      }
    };
  }

  /** Writes the status once for all changes that come while a write is under way. */
  #publish(): void {
    for (const loop of this.#loops) writeFileSync(join(this.#folder, `${loop.container.name}.pid`), String(loop.outerPid ?? ""));
    if (this.#statusWanted) return;
    this.#statusWanted = true;
    this.#publishing = this.#publishing.then(async () => {
      await sleep(10);
      this.#statusWanted = false;
      await this.#writeStatus();
    });
  }

  async #writeStatus(): Promise<void> {
    const { namespace, name } = this.#pod.metadata;
    while (this.#stopped === undefined) {
      const status = podStatus({
        containers: this.#loops.map((loop) => loop.report),
        initContainers: this.#initLoops.map((loop) => loop.report),
        podIPs: this.#network?.addresses ?? [],
        hostIPs: this.#deps.node.addresses,
        startedAt: this.#startedAt,
        now: timestamp(),
        previous: this.#conditions,
      });
      try {
        if (this.#deps.isConnected()) {
          const written = await this.#deps.api.patch<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
          this.#conditions = written.status?.conditions ?? [];
          return;
        }
      } catch (error) {
        if (error instanceof ApiRefusal && error.status === 404) return;
      }
      await sleep(250);
    }
  }

  async #shutDown(graceSeconds: number, inApi: boolean): Promise<void> {
    clearInterval(this.#refresh);
    await Promise.all([...this.#initLoops, ...this.#loops].map((loop) => loop.stop(graceSeconds * 1000)));
    await this.#started.catch(() => {});
    for (const { container } of this.#loops) ControlGroup.of(this.#groupName(container)).remove();
    if (this.#network !== undefined) await removePodNetwork(this.#network);
    if (this.#index > 0) this.#deps.indexes.give(this.#index);
    rmSync(this.#folder, { recursive: true, force: true });
    const { namespace, name, uid } = this.#pod.metadata;
    while (inApi && !(await this.#deleted(`/api/v1/namespaces/${namespace}/pods/${name}`, uid ?? ""))) await sleep(250);
  }

  async #deleted(path: string, uid: string): Promise<boolean> {
    if (!this.#deps.isConnected()) return false;
    try {
      await this.#deps.api.delete(path, { gracePeriodSeconds: 0, preconditions: { uid } });
      return true;
    } catch (error) {
      return error instanceof ApiRefusal && (error.status === 404 || error.status === 409);
    }
  }
}

function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

/** True while `lab.cut` holds the node off the segment. */
export function isCut(labId: string, node: string): boolean {
  return existsSync(join(stateDir(labId), "cut", node));
}
