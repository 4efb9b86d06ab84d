import type { ApiClient } from "../../lab/api-client.ts";
import { until } from "../../lab/until.ts";

/** Who has what, and what was said since the last look. Services by `namespace/name`. */
export type Observation = {
  readonly services: Readonly<Record<string, ServiceState>>;
  /** Counters of each pool's status, in the order assignedIPv4, assignedIPv6, availableIPv4, availableIPv6. */
  readonly pools: Readonly<Record<string, readonly string[]>>;
};

export type ServiceState = {
  /** In the order of the status. */
  readonly addresses: readonly string[];
  /** The pool that the Service is told its addresses are from. */
  readonly pool: string | undefined;
  /** Reasons of its events since the last look, each once, in order. */
  readonly events: readonly string[];
};

type Meta = { readonly uid?: string; readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
type Service = {
  readonly metadata: Meta & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly type?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
};
type Event = {
  readonly metadata: Meta;
  readonly involvedObject: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly reason: string;
  readonly count?: number;
  readonly source?: { readonly component?: string };
};
type Pool = { readonly metadata: Meta; readonly status?: Readonly<Record<string, unknown>> };

/** Who speaks as the allocator, on both sides; the API server tells Services things too. */
const speaker = "metallb-controller";
const fromPool = "metallb.io/ip-allocated-from-pool";
const counters = ["assignedIPv4", "assignedIPv6", "availableIPv4", "availableIPv6"];

/** Follows Services, their events and the pools, and tells when nothing has happened for a while. */
export class Observer {
  readonly #stop = new AbortController();
  #services: ReadonlyMap<string, Service> = new Map();
  #events: ReadonlyMap<string, Event> = new Map();
  #pools: ReadonlyMap<string, Pool> = new Map();
  /** What the last look saw of each event. */
  #told = new Map<string, number>();
  #changedAt = performance.now();
  readonly #followers: Promise<unknown>;

  constructor(api: ApiClient) {
    const { signal } = this.#stop;
    this.#followers = Promise.all([
      api.follow<Service>("/api/v1/services", (all) => this.#see(() => (this.#services = all)), signal),
      api.follow<Event>("/api/v1/events", (all) => this.#see(() => (this.#events = all)), signal),
      api.follow<Pool>("/apis/metallb.io/v1beta1/ipaddresspools", (all) => this.#see(() => (this.#pools = all)), signal),
    ]);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#followers;
  }

  /** Resolves when nothing has changed for `quietMs`. @throws {Error} when that does not come within a minute more. */
  async quiet(quietMs: number): Promise<void> {
    this.#changedAt = performance.now();
    await until("nothing changes any more", quietMs + 60_000, async () => performance.now() - this.#changedAt >= quietMs);
  }

  /** What stands now; events are told once. */
  look(): Observation {
    const events = this.#freshEvents();
    const services = [...this.#services.values()]
      .filter(({ metadata, spec }) => !(metadata.namespace === "default" && metadata.name === "kubernetes") && spec !== undefined)
      .filter(({ metadata }) => metadata.namespace !== "metallb-system")
      .map((service) => {
        const key = `${service.metadata.namespace}/${service.metadata.name}`;
        return [key, stateOf(service, events.get(key) ?? new Set())] as const;
      });
    const pools = [...this.#pools.values()].map(
      ({ metadata, status = {} }) => [metadata.name, counters.map((name) => String(status[name] ?? 0))] as const,
    );
    return { services: Object.fromEntries(services.sort(byKey)), pools: Object.fromEntries(pools.sort(byKey)) };
  }

  #see(take: () => void): void {
    take();
    this.#changedAt = performance.now();
  }

  #freshEvents(): ReadonlyMap<string, ReadonlySet<string>> {
    const fresh = new Map<string, Set<string>>();
    const told = new Map<string, number>();
    for (const [uid, { involvedObject, reason, count = 1, source }] of this.#events) {
      told.set(uid, count);
      const isNews = source?.component === speaker && count !== this.#told.get(uid);
      if (involvedObject.kind !== "Service" || !isNews) continue;
      const key = `${involvedObject.namespace}/${involvedObject.name}`;
      fresh.set(key, (fresh.get(key) ?? new Set()).add(reason));
    }
    this.#told = told;
    return fresh;
  }
}

function stateOf({ metadata, status }: Service, events: ReadonlySet<string>): ServiceState {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const addresses = ingress.flatMap(({ ip }) => (ip === undefined || ip === "" ? [] : [ip]));
  return { addresses, pool: metadata.annotations?.[fromPool], events: [...events].sort() };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
