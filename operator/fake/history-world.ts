import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import { type Namespace, type ObjectBase, type Pod, resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { KubeError } from "../framework/api/kube-api.ts";
import { keyOf, keyText, type ObjectKey, type ResourceType } from "../framework/api/kube-object.ts";
import type { FakeRequest } from "../framework/fake/fake-api.ts";
import { FakeLine } from "../framework/fake/fake-line.ts";
import type { Backup } from "../framework/fake/fake-store.ts";
import { type PoolPlan, poolOf, poolPlans } from "./pool-plans.ts";
import { namespace, Replicas } from "./replicas.ts";
import { poolTruths, type Truth } from "./truth.ts";
import { Witness } from "./witness.ts";

type Replica = ReturnType<Replicas["start"]> & { readonly line: FakeLine; readonly identity: string };

const ours = Object.values(resourceTypes).filter(({ group }) => group === "metallb.io");
const definitions = ours.map(({ plural }) => ({ name: `${plural}.metallb.io` }));
const metallbPod: Pod = { metadata: { namespace, name: "metallb-1", labels: { app: "metallb" } }, status: { phase: "Running" } };

/** Longer than any wait of a healthy operator: an informer's longest pause, the silence before a condition. */
const restMs = 7_500;
/** The same after an outage: the longest pause before a status is written again. */
const restAfterOutageMs = 31_500;
/** The operator has to come to rest within this time. */
const patienceMs = 180_000;
const stepMs = 500;

/** A cluster in memory with up to two whole operators, everything that can happen to them, and who sees what they do. */
export class HistoryWorld {
  readonly replicas = new Replicas();
  readonly witness: Witness;
  readonly running: Replica[] = [];
  readonly #random: () => number;
  readonly #loadBalancerClass: string;
  readonly #lost = new Set<string>();
  /** Objects of our kinds that went with their definitions. */
  #gone: readonly (readonly [ResourceType, ObjectBase])[] = [];
  #isDefined = true;
  readonly #forbidden = new Set<string>();
  #weather: (() => void)[] = [];
  #backup: { readonly stored: Backup; readonly lost: ReadonlySet<string>; readonly isDefined: boolean } | undefined;
  #actedAt = Number.NEGATIVE_INFINITY;
  #restoredAt = Number.NEGATIVE_INFINITY;
  #identities = 0;
  #writes: FakeRequest[] = [];
  #isAfterOutage = false;
  /** Pools may have been deleted while it could not be told from the removal of their definition. */
  isHistoryOfPoolsKnown = true;

  /** @param loadBalancerClass the flag. @param random for the waits. */
  constructor(loadBalancerClass: string, random: () => number) {
    this.#loadBalancerClass = loadBalancerClass;
    this.#random = random;
    const { api } = this.replicas;
    api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
    for (const metadata of definitions) api.put(resourceTypes.customresourcedefinitions, { metadata });
    for (const name of ["default", "team", namespace]) api.put<Namespace>(resourceTypes.namespaces, { metadata: { name } });
    api.store.defaults(resourceTypes.services, withModes);
    api.hook((request) => this.#answer(request));
    this.witness = new Witness(api, () => this.truth());
    this.putPool("p", poolPlans["p"]?.[1]);
    this.putPool("q", poolPlans["q"]?.[0]);
    this.start();
  }

  get api() {
    return this.replicas.api;
  }

  truth(): Truth {
    const all = <T>(type: ResourceType): readonly T[] => [...this.api.store.of(type).values()] as unknown as T[];
    return {
      services: new Map(all<Service>(resourceTypes.services).map((each) => [keyText(keyOf(each)), each])),
      namespaces: new Map(all<Namespace>(resourceTypes.namespaces).map((each) => [each.metadata.name, each])),
      pools: poolTruths(all<IPAddressPool>(resourceTypes.ipaddresspools)),
      lost: this.#lost,
      serves: (asked = "") => asked === "" || (this.#loadBalancerClass !== "" && asked === "metallb.io/lb"),
    };
  }

  /** Nothing stands in the way of a decision. */
  get isHealthy(): boolean {
    const isFree = this.api.peek(resourceTypes.pods, keyOf(metallbPod)) === undefined;
    const isConnected = this.replica("leader")?.line.isOpen ?? this.running.some(({ line }) => line.isOpen);
    return this.#isDefined && this.#forbidden.size === 0 && isFree && isConnected;
  }

  /** The replica that allocates. */
  get leader(): Replica | undefined {
    return this.running.find(({ operator }) => operator.knowledge.needs !== undefined);
  }

  // The user

  putService(service: Service): void {
    this.#act([keyText(keyOf(service))], () => {
      const before = this.api.peek<Service>(resourceTypes.services, keyOf(service));
      const isBalanced = before?.spec?.type === "LoadBalancer";
      if (isBalanced && before.spec?.loadBalancerClass !== service.spec?.loadBalancerClass) {
        this.api.remove(resourceTypes.services, keyOf(service)); // the class of a load balancer cannot be changed
        this.api.put(resourceTypes.services, service);
      } else this.api.put(resourceTypes.services, before === undefined ? service : edited(before, service));
    });
  }

  /** Changes a Service that is there. */
  editService(key: ObjectKey, change: (service: Service) => Service): void {
    const before = this.api.peek<Service>(resourceTypes.services, key);
    if (before !== undefined) this.#act([keyText(key)], () => void this.api.put(resourceTypes.services, change(before)));
  }

  deleteService(key: ObjectKey): void {
    this.#act([], () => this.api.remove(resourceTypes.services, key));
  }

  labelNamespace(name: string, labels: Readonly<Record<string, string>>): void {
    const concerned = [...this.truth().services.keys()].filter((key) => key.startsWith(`${name}/`));
    this.#act(concerned, () => void this.api.put<Namespace>(resourceTypes.namespaces, { metadata: { name, labels } }));
  }

  putPool(name: string, plan: PoolPlan | undefined): void {
    if (plan === undefined || !this.#isDefined) return;
    this.#lost.delete(name);
    this.#act([], () => void this.api.put(resourceTypes.ipaddresspools, poolOf(name, plan)));
  }

  deletePool(name: string): void {
    if (!this.#isDefined) return;
    this.#act([], () => this.api.remove(resourceTypes.ipaddresspools, { namespace, name }));
  }

  putAdvertisement(isThere: boolean): void {
    const metadata = { namespace, name: "l2" };
    if (!this.#isDefined) return;
    if (isThere) this.api.put(resourceTypes.l2advertisements, { metadata });
    else this.api.remove(resourceTypes.l2advertisements, metadata);
  }

  putMetalLB(isThere: boolean): void {
    if (isThere) this.api.put(resourceTypes.pods, metallbPod);
    else this.api.remove(resourceTypes.pods, keyOf(metallbPod));
  }

  /** All definitions of ours go, and all objects with them. */
  removeDefinitions(): void {
    // Who may not read pools goes on giving what it knows of them: what that is worth when they went meanwhile is no question.
    if (!this.#isDefined || this.#forbidden.has(resourceTypes.ipaddresspools.plural)) return;
    this.isHistoryOfPoolsKnown = false;
    const { store } = this.api;
    this.#gone = ours.flatMap((type) => [...store.of(type).values()].map((object) => [type, object as ObjectBase] as const));
    this.#act([], () => {
      for (const { metadata } of this.truth().pools.map(({ pool }) => pool)) this.#lost.add(metadata.name);
      for (const metadata of definitions) {
        const finalizers = ["customresourcecleanup.apiextensions.k8s.io"];
        this.api.put(resourceTypes.customresourcedefinitions, { metadata: { ...metadata, finalizers } });
        this.api.remove(resourceTypes.customresourcedefinitions, metadata);
      }
      for (const [type, object] of this.#gone) this.api.remove(type, keyOf(object));
      for (const metadata of definitions)
        this.api.put(resourceTypes.customresourcedefinitions, {
          metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
        });
    });
    this.#isDefined = false;
    this.#isAfterOutage = true;
    this.api.breakWatches(undefined, ({ group }) => group === "metallb.io");
  }

  applyDefinitions(): void {
    if (this.#isDefined) return;
    for (const metadata of definitions) this.api.put(resourceTypes.customresourcedefinitions, { metadata });
    this.#isDefined = true;
  }

  /** Applies what went with the definitions, without statuses, as from files. */
  applyObjects(): void {
    this.applyDefinitions();
    for (const [type, { metadata, ...object }] of this.#gone.filter(([{ plural }]) => !plural.endsWith("states"))) {
      const { name, annotations = {}, labels = {} } = metadata;
      const { status: _, ...rest } = object as { readonly status?: unknown };
      if (this.api.peek(type, { namespace, name }) !== undefined) continue;
      if (type === resourceTypes.ipaddresspools) this.#lost.delete(name);
      this.#act([], () => void this.api.put(type, { ...rest, metadata: { namespace, name, annotations, labels } }));
    }
    this.#gone = [];
  }

  // The surroundings

  forbid(plural: string): void {
    this.#forbidden.add(plural);
    this.#isAfterOutage = true;
    this.api.breakWatches(undefined, (type) => type.plural === plural);
  }

  allow(): void {
    this.#forbidden.clear();
  }

  /** The next requests that match fail. */
  storm(matches: (request: FakeRequest) => boolean, error: Error, times: number): void {
    let left = times;
    const end = this.api.hook((request) => {
      if (left <= 0 || !matches(request)) return;
      left--;
      throw error;
    });
    this.#weather.push(end);
  }

  takeBackup(): void {
    if (this.replicas.clock.monotonic() < this.#restoredAt + 10_000) return; // its versions would hide that they ran backwards
    this.#backup = { stored: this.api.store.backup(), lost: new Set(this.#lost), isDefined: this.#isDefined };
  }

  /** The server goes away, which everybody notices, and comes back with what was stored when the backup was taken. */
  restoreBackup(): void {
    if (this.#backup === undefined) return;
    const { stored, lost, isDefined } = this.#backup;
    this.#backup = undefined;
    this.#restoredAt = this.replicas.clock.monotonic();
    this.api.store.revert(stored);
    this.#lost.clear();
    for (const name of lost) this.#lost.add(name);
    this.#isDefined = isDefined;
    for (const replica of this.running) this.mend(replica); // nobody sleeps through that
    const refused = new Error("connect ECONNREFUSED");
    this.storm(() => true, refused, Number.POSITIVE_INFINITY);
    const [isBack] = this.#weather.slice(-1);
    this.replicas.clock.after(100, () => isBack?.());
    this.api.breakWatches(refused);
    // A change of the last moment is perhaps being acted upon, on what a backup from before it cannot tell from then.
    if (this.replicas.clock.monotonic() < this.#actedAt + 1_000) this.witness.release();
    else this.witness.guard();
  }

  // The replicas

  start(): void {
    if (this.running.length > 1) return;
    const identity = `controller-${++this.#identities}`;
    const line = new FakeLine(this.api);
    const more = { api: line, random: this.#random, loadBalancerClass: this.#loadBalancerClass };
    const replica = this.replicas.start(identity, more);
    this.running.push({ ...replica, line, identity });
  }

  /** @param which of those that run. */
  replica(which: "leader" | "other"): Replica | undefined {
    const leader = this.running.find(({ operator }) => operator.leading);
    return which === "leader" ? leader : this.running.find((each) => each !== leader);
  }

  /** As Kubernetes stops a Pod. */
  async stop(replica: Replica | undefined): Promise<void> {
    if (replica === undefined) return;
    replica.stop.abort();
    await this.replicas.clock.advance(3_000);
    this.kill(replica, false);
  }

  /** As the kernel kills a process. */
  kill(replica: Replica | undefined, arrives: boolean): void {
    if (replica === undefined) return;
    this.running.splice(this.running.indexOf(replica), 1);
    if (arrives) this.witness.expectLate(replica.line.heldWrites("services"));
    replica.line.kill(arrives);
    replica.stop.abort();
  }

  mend(replica: Replica | undefined): void {
    if (replica === undefined) return;
    this.#isAfterOutage ||= !replica.line.isOpen;
    this.witness.expectLate(replica.line.heldWrites("services"));
    replica.line.mend();
  }

  // Time

  async wait(ms: number): Promise<void> {
    await this.replicas.clock.advance(ms);
  }

  /** Waits until nobody has anything to write any more. @throws when that does not come. */
  async quiet(): Promise<void> {
    await this.wait(2_000);
    for (const end of this.#weather.splice(0)) end();
    let still = 0;
    let last: readonly string[] = [];
    for (let waited = 0; waited < patienceMs; waited += stepMs) {
      const writes = await this.writesWithin(stepMs);
      const isWaitedFor = this.isHealthy && this.leader === undefined;
      still = writes.length === 0 && !isWaitedFor ? still + stepMs : 0;
      if (still >= (this.#isAfterOutage && this.isHealthy ? restAfterOutageMs : restMs)) {
        if (this.isHealthy) this.#isAfterOutage = false;
        return;
      }
      last = [...last, ...writes].slice(-10);
    }
    throw new Error(`does not come to rest${this.leader ? "" : ", and nobody allocates"}; last writes: ${last.join("\n")}`);
  }

  /** What was written within `ms`, Leases left out. */
  async writesWithin(ms: number): Promise<readonly string[]> {
    this.#writes = [];
    await this.wait(ms);
    return this.#writes.map(({ verb, type, key, body }) => `${verb} ${type.plural} ${key?.name} ${JSON.stringify(body)}`);
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    for (const end of this.#weather.splice(0)) end();
    this.allow();
    this.putMetalLB(false);
    this.applyObjects();
    for (const replica of this.running) this.mend(replica);
    if (this.running.length === 0) this.start();
    await this.quiet();
  }

  async close(): Promise<void> {
    for (const { line } of this.running) line.mend();
    await this.replicas.stop();
  }

  #act(edited: readonly string[], act: () => void): void {
    this.#actedAt = this.replicas.clock.monotonic();
    this.witness.releaseUnclear(edited);
    this.witness.asUser(act);
  }

  #answer(request: FakeRequest): void {
    const { verb, type } = request;
    if (!this.#isDefined && type.group === "metallb.io")
      throw new KubeError("the server could not find the requested resource", 404, "NotFound");
    if (this.#forbidden.has(type.plural)) throw new KubeError(`${type.plural} is forbidden`, 403, "Forbidden");
    if (["create", "patch", "apply", "delete"].includes(verb) && type.plural !== "leases") this.#writes.push(request);
  }
}

/** The API server says of every address how it is to be taken. */
function withModes(object: ObjectBase): ObjectBase {
  const { status, ...service } = object as Service;
  const { ingress = [] } = status?.loadBalancer ?? {};
  if (ingress.length === 0) return object;
  const filled = ingress.map((entry) => (entry.ip === undefined ? entry : { ipMode: "VIP", ...entry }));
  return { ...service, status: { ...status, loadBalancer: { ingress: filled } } } as Service;
}

/** What the API server keeps when a user writes a Service again, and what it drops. */
function edited(before: Service, after: Service): Service {
  const recorded = before.metadata.annotations?.["metallb.io/ip-allocated-from-pool"];
  const texts = { ...after.metadata.annotations, ...(recorded && { "metallb.io/ip-allocated-from-pool": recorded }) };
  const whole = {
    ...after,
    metadata: { ...after.metadata, annotations: texts },
    ...(before.status && { status: before.status }),
  };
  if (after.spec?.type === "LoadBalancer") return whole;
  const { loadBalancerClass: _, ...spec } = after.spec ?? {};
  const { loadBalancer: __, ...status } = before.status ?? {};
  return { ...whole, spec, status };
}
