import { outlineOfNamespace } from "../../../crds/config/outline.ts";
import { type ConfigurationList, configurationTypes } from "../../../crds/config/resources.ts";
import { outlineOfSecret } from "../../../crds/config/secrets.ts";
import type { IPAddressPool } from "../../../crds/types/ip-address-pool.ts";
import { type ObjectBase, resourceTypes, type Secret, type Service } from "../../../crds/types/kubernetes.ts";
import type { ResourceType } from "../../framework/api/kube-object.ts";
import type { Controller } from "../../framework/controller.ts";
import { FakeApi } from "../../framework/fake/fake-api.ts";
import { FakeClock } from "../../framework/fake/fake-clock.ts";
import { FakeLog } from "../../framework/fake/fake-log.ts";
import { createInformer, type Informer, type InformerOptions } from "../../framework/informer/informer.ts";
import type { Change, Reader } from "../../framework/informer/store.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import type { StatusWriter } from "../../framework/write/status.ts";
import { createStatusWriter } from "../../framework/write/status-writer.ts";
import { createWriteLimiter } from "../../framework/write/write-limiter.ts";
import { LostPools } from "../lost-pools.ts";
import { AllocationLoop } from "../service/allocation-loop.ts";
import type { Pace } from "../service/pace.ts";
import { slimConfiguration, slimService } from "../slim.ts";
import { SnapshotSource } from "../snapshot-source.ts";
import { Spacing } from "../spacing.ts";
import { followConfiguration, type StatusControllers, statusControllers, type UserReaders } from "../status-controllers.ts";

export const namespace = "metallb-system";

/** A cluster in memory with everything of the operator that allocates and writes status, and time that tests move. */
export class FakeCluster {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  /** `reason: message` of every event, in order. */
  readonly told: string[] = [];
  readonly loop: AllocationLoop;
  readonly source: SnapshotSource;
  readonly statuses: StatusControllers;
  readonly log = new FakeLog();
  /** Names of pools whose counters changed, in order. */
  readonly counted: string[] = [];
  leading = true;
  /** How often a status was looked at so far. */
  statusUpdates = 0;
  /** Told of every configuration that is put in force. */
  readonly followers: (() => void)[] = [];
  readonly status: StatusWriter;
  /** Keeps `reason: message` of every event in {@link told}. */
  readonly events: EventRecorder;
  /** Reconciliations of Services so far. */
  updates = 0;
  /** Runs between two Services. */
  pace: Pace = async () => {};
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  /** @param loadBalancerClass the flag --lb-class. */
  constructor(loadBalancerClass = "") {
    const { api, clock } = this;
    this.status = createStatusWriter({ api, limiter: createWriteLimiter({ clock }) });
    this.events = { record: (_object, _type, reason, message) => void this.told.push(`${reason}: ${message}`) };
    api.put(resourceTypes.customresourcedefinitions, { metadata: { name: "ipaddresspools.metallb.io", uid: "first" } });
    const lost = new LostPools(api, clock, this.log, (names) => this.source.compile(new Set(names)));
    const compiled = <T extends ObjectBase>(type: ResourceType, onChange: (change: Change<T>) => void = () => {}): Reader<T> =>
      this.#watch<T>(type, slimConfiguration, (change) => {
        this.source.onChange(change);
        onChange(change);
      });
    const own = <T extends ObjectBase>(list: ConfigurationList): Reader<T> =>
      compiled<T>(configurationTypes[list], ({ key }) => this.statuses[list].enqueue(key));
    const readers = {
      pools: own<IPAddressPool>("pools"),
      l2Advertisements: own("l2Advertisements"),
      bgpAdvertisements: own("bgpAdvertisements"),
      bgpPeers: own("bgpPeers"),
      bfdProfiles: own("bfdProfiles"),
      communities: own("communities"),
      namespaces: this.#watch(resourceTypes.namespaces, outlineOfNamespace, (change) => this.source.onNamespace(change)),
      nodes: compiled(resourceTypes.nodes),
      secrets: this.#watch<Secret>(resourceTypes.secrets, outlineOfSecret, (change) => this.source.onChange(change)),
    } as const satisfies UserReaders & Record<string, Reader<ObjectBase>>;
    this.source = new SnapshotSource({
      readers,
      lost,
      clock,
      onChange: (configuration, changed, before) => {
        this.loop.onConfiguration(configuration, changed);
        followConfiguration(this.statuses, before, configuration);
        for (const follow of this.followers) follow();
      },
    });
    const spacing = new Spacing(clock, 200);
    const count = (pool: string): void => this.statuses.pools.enqueueAfter({ namespace, name: pool }, spacing.delay(pool));
    const { status, events } = this;
    const metrics = { updates: { inc: () => {} }, updateErrors: { inc: () => {} } };
    const shared = { api, clock, status, events, log: this.log, metrics, configuration: () => this.source.current };
    this.loop = new AllocationLoop({
      ...shared,
      metrics: { ...metrics, updates: { inc: () => void this.updates++ } },
      services: this.#watch<Service>(resourceTypes.services, slimService, (change) => this.loop.onService(change)),
      pools: readers.pools,
      lost,
      leading: () => this.leading,
      doubtMs: () => this.source.behindMs,
      pace: () => this.pace(),
      namespace,
      loadBalancerClass,
      onCounters: (pool) => {
        this.counted.push(pool);
        count(pool);
      },
      onReservations: count,
    });
    this.statuses = statusControllers({
      ...shared,
      metrics: { ...metrics, updates: { inc: () => void this.statusUpdates++ } },
      readers,
      counters: this.loop.counters,
      reservations: this.loop.reservations,
      sessions: () => new Map(),
      leading: () => true,
    });
    for (const controller of [this.loop.controller, ...Object.values(this.statuses)]) this.work(controller);
  }

  /** Lets everything happen that happens within `ms`. */
  async run(ms = 1_000): Promise<void> {
    for (let step = 0; step < 20; step++) await this.clock.advance(ms / 20);
  }

  /** Compiles for the first time and opens the gate. */
  async start(): Promise<void> {
    await this.run();
    this.source.compile();
    this.loop.open();
    await this.run();
  }

  async close(): Promise<void> {
    this.loop.close();
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  putPool(name: string, addresses: readonly string[], spec: Partial<IPAddressPool["spec"]> = {}): void {
    this.api.put<IPAddressPool>(resourceTypes.ipaddresspools, { metadata: { namespace, name }, spec: { addresses, ...spec } });
  }

  /** The addresses that a Service in namespace `default` shows. */
  addressesOf(name: string): string {
    const service = this.api.peek<Service>(resourceTypes.services, { namespace: "default", name });
    return (service?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(",");
  }

  /** A condition of a Service in namespace `default`: status, reason and message; undefined when it shows none. */
  conditionOf(name: string, type: string): readonly string[] | undefined {
    const service = this.api.peek<Service>(resourceTypes.services, { namespace: "default", name });
    const found = service?.status?.conditions?.find((condition) => condition.type === type);
    return found && [found.status, found.reason, found.message];
  }

  /** Status writes of Services so far. */
  get serviceWrites(): number {
    return this.api.requests.filter(({ verb, type }) => verb === "patch" && type.plural === "services").length;
  }

  /** Keeps a copy of one kind until the cluster is closed. */
  watch<T extends ObjectBase>(options: Pick<InformerOptions<T>, "type" | "slim" | "onChange" | "indexes">): Informer<T> {
    const { api, clock, log } = this;
    const informer = createInformer<T>({ ...options, api, clock, log, random: () => 0.5 });
    this.#running.push(informer.start(this.#stop.signal));
    return informer;
  }

  /** Works until the cluster is closed. */
  work(controller: Controller): void {
    this.#running.push(controller.start(this.#stop.signal));
  }

  #watch<T extends ObjectBase>(type: ResourceType, slim: (object: T) => T, onChange: (change: Change<T>) => void): Reader<T> {
    return this.watch<T>({ type, slim, onChange }).reader;
  }
}
