import type { IPAddressPool } from "../../../crds/types/ip-address-pool.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { annotations } from "../../../crds/types/well-known.ts";
import type { Allocator } from "../../allocation/allocator.ts";
import type { Counters } from "../../allocation/counters.ts";
import type { Reservation } from "../../allocation/reservations.ts";
import type { KubeApi } from "../../framework/api/kube-api.ts";
import { keyOf, parseKeyText } from "../../framework/api/kube-object.ts";
import type { Cancel, Clock } from "../../framework/clock.ts";
import { type Controller, type ControllerMetrics, createController } from "../../framework/controller.ts";
import type { Change, Reader } from "../../framework/informer/store.ts";
import type { Log } from "../../framework/log/log.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import type { StatusWriter } from "../../framework/write/status.ts";
import type { Configuration } from "../configuration.ts";
import type { LostPools } from "../lost-pools.ts";
import { AllocationGate } from "./allocation-gate.ts";
import { LatestServices } from "./latest-services.ts";
import { createPace, type Pace } from "./pace.ts";
import { ServiceReconciler, type ServiceReconcilerDeps } from "./service.ts";
import { hasOwnConditions } from "./service-conditions.ts";

export type AllocationLoopOptions = {
  readonly api: KubeApi;
  readonly services: Reader<Service>;
  readonly pools: Reader<IPAddressPool>;
  readonly configuration: () => Configuration | undefined;
  readonly lost: LostPools;
  readonly doubtMs: ServiceReconcilerDeps["doubtMs"];
  /** Where the pools are. */
  readonly namespace: string;
  readonly loadBalancerClass: string;
  /** False as soon as leadership is over, even before {@link AllocationLoop.close} was called. */
  readonly leading: () => boolean;
  readonly status: StatusWriter;
  readonly events: EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  /** Called between two Services; absent: it lets others have their turn every few milliseconds. */
  readonly pace?: Pace;
  readonly log: Log;
  /** The counters of this pool changed; undefined: it is not in force any more. */
  readonly onCounters: (pool: string, counters: Counters | undefined) => void;
  /** What is kept of this pool for deleted Services changed. */
  readonly onReservations: (pool: string) => void;
};

/** Reconciliations at once; the write limiter decides how many of them write. */
const workers = 32;

/** An hour: timers are not made for days, and the wall clock may be set meanwhile. */
const longestTimerMs = 3_600_000;

/** An API server that comes back finds nobody asleep; how hard it is pressed is the write limiter's business. */
const maxDelayMs = 5_000;

/** Everything that gives addresses to Services: the queue of Services, the gate, and who is woken by what. */
export class AllocationLoop {
  readonly controller: Controller;
  /** Shared by everybody who writes statuses of Services, so that none decides on what another has replaced. */
  readonly services: LatestServices;
  readonly #gate: AllocationGate;
  readonly #reconciler: ServiceReconciler;
  readonly #options: AllocationLoopOptions;
  /** The counters that were told since the gate was opened. */
  readonly #told = new Map<string, Counters>();
  #nextEnd: { readonly at: number; readonly cancel: Cancel } | undefined;

  constructor(options: AllocationLoopOptions) {
    this.#options = options;
    const { api, services, clock, log } = options;
    this.services = new LatestServices(api, services, clock);
    const latest = this.services;
    const { pace = createPace(clock) } = options;
    const opened = (allocator: Allocator): void => {
      this.#told.clear();
      this.#reconciler.forgetUnless((service) => services.get(parseKeyText(service)) !== undefined);
      for (const service of services.list()) if (concerns(service)) this.controller.enqueue(keyOf(service));
      // One that was deleted while it was adopted is not in that list.
      for (const service of allocator.holders()) this.controller.enqueue(parseKeyText(service));
      this.#report(allocator);
    };
    this.#gate = new AllocationGate({ ...options, services: latest, pace, onOpen: opened });
    this.#reconciler = new ServiceReconciler({
      ...options,
      services: latest,
      pace,
      allocator: () => (options.leading() ? this.#gate.allocator : undefined),
      onAllocation: (allocator) => this.#report(allocator),
    });
    this.controller = createController({
      name: "service",
      reconciler: this.#reconciler,
      clock,
      log,
      workers,
      maxDelayMs,
      metrics: options.metrics,
    });
  }

  /** Adopts what is in use, then allocates; harmless when it does already. */
  open(): void {
    this.#gate.open();
  }

  /** Stops allocating at once. */
  close(): void {
    this.#gate.close();
  }

  /** Undefined while nothing is allocated. The inner undefined: the pool is not in force. */
  readonly counters = (): ((pool: string) => Counters | undefined) | undefined => {
    const { allocator } = this.#gate;
    return allocator && ((pool) => allocator.counters(pool));
  };

  /** What is kept of each pool; as {@link AllocationLoop.counters}. */
  readonly reservations = (): ((pool: string) => readonly Reservation[] | undefined) | undefined => {
    const { allocator } = this.#gate;
    return allocator && ((pool) => allocator.reservations(pool));
  };

  /** What each Service lacks, in words, by `namespace/name`; undefined while nothing is allocated. */
  get needs(): ReadonlyMap<string, string> | undefined {
    return this.#gate.allocator && this.#reconciler.needs;
  }

  /** For the informer of Services. */
  readonly onService = ({ key, before, after }: Change<Service>): void => {
    if (after !== undefined && this.services.caughtUp(after)) return; // what was decided here comes back as it was written
    if (concerns(before) || concerns(after)) this.controller.enqueue(key);
  };

  /** Other pools are in force: those who hold or wait for an address are decided anew. */
  onConfiguration({ adopted, unreadable }: Configuration, changed: ReadonlySet<string>): void {
    const { allocator } = this.#gate;
    if (allocator === undefined || changed.size === 0) return;
    allocator.usePools(adopted.snapshot, unreadable);
    for (const service of allocator.concernedBy(changed)) this.controller.enqueue(parseKeyText(service));
    this.#report(allocator);
  }

  #report(allocator: Allocator): void {
    if (allocator !== this.#gate.allocator) return; // a write ended after its term: another process counts now
    const { woken, counted, reserved } = allocator.takeChanges();
    for (const service of woken) this.controller.enqueue(parseKeyText(service));
    for (const pool of counted) this.#tell(pool, allocator.counters(pool));
    for (const pool of reserved) this.#options.onReservations(pool);
    this.#awaitEnd(allocator);
  }

  /** Looks again when the next reservation ends. */
  #awaitEnd(allocator: Allocator): void {
    const at = allocator.nextEnd;
    if (at === this.#nextEnd?.at) return;
    this.#nextEnd?.cancel();
    this.#nextEnd = undefined;
    if (at === undefined) return;
    const { clock } = this.#options;
    const cancel = clock.after(Math.min(Math.max(0, at - clock.now()), longestTimerMs), () => {
      this.#nextEnd = undefined;
      const current = this.#gate.allocator;
      if (current === undefined) return;
      current.expire(clock.now());
      this.#report(current);
    });
    this.#nextEnd = { at, cancel };
  }

  /** Other pools in force means that all are counted anew, most of them with the same result. */
  #tell(pool: string, counters: Counters | undefined): void {
    const before = this.#told.get(pool);
    if (before !== undefined && counters !== undefined && sameCounters(before, counters)) return;
    if (counters === undefined) this.#told.delete(pool);
    else this.#told.set(pool, counters);
    this.#options.onCounters(pool, counters);
  }
}

function sameCounters(a: Counters, b: Counters): boolean {
  return (
    a.assignedIPv4 === b.assignedIPv4 &&
    a.assignedIPv6 === b.assignedIPv6 &&
    a.availableIPv4 === b.availableIPv4 &&
    a.availableIPv6 === b.availableIPv6
  );
}

/** Others are nobody's business here, except one that was ours and is to be told that it is no longer. */
function concerns(service: Service | undefined): boolean {
  if (service === undefined) return false;
  if (service.spec?.type === "LoadBalancer" || hasOwnConditions(service)) return true;
  return service.metadata.annotations?.[annotations.ipAllocatedFromPool] !== undefined;
}
