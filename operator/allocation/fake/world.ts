import type { Snapshot } from "../../../crds/config/snapshot.ts";
import { type Address, formatAddress, parseAddress } from "../../../crds/net/address.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { annotations } from "../../../crds/types/well-known.ts";
import { Allocator, olderFirst } from "../allocator.ts";
import { publishedTexts } from "../decide.ts";
import { requestOf, serviceKey } from "../request.ts";
import type { Reservation } from "../reservations.ts";
import { clashOf } from "../sharing.ts";
import type { Verdict } from "../verdict.ts";
import { withVerdict } from "./services.ts";

/** What pools mean at a time. */
export type Configuration = { readonly pools: Snapshot; readonly unreadable: ReadonlySet<string> };

type Write = { readonly key: string; readonly base: Service; readonly verdict: Verdict };

/** An API server with Services, and an allocator that serves them: a model for property tests. */
export class World {
  readonly services = new Map<string, Service>();
  /** Services whose last decision is on what they are now, and is written. */
  readonly settled = new Set<string>();
  /** Services as the allocator saw them last, as far as their statuses have not changed without it since. */
  readonly seen = new Map<string, Service>();
  allocator: Allocator;
  /** Milliseconds since the epoch. */
  now = 0;
  readonly #classFlag: string;
  #configuration: Configuration;
  /** Writes that are under way, perhaps of a process that is gone. */
  #writes: readonly Write[] = [];
  /** What the pools' statuses keep. */
  readonly #kept = new Map<string, readonly Reservation[]>();

  constructor(configuration: Configuration, classFlag = "") {
    this.#configuration = configuration;
    this.#classFlag = classFlag;
    this.allocator = this.#begin();
  }

  get pools(): Snapshot {
    return this.#configuration.pools;
  }

  get unreadable(): ReadonlySet<string> {
    return this.#configuration.unreadable;
  }

  /**
   * Creates or edits a Service; its status, age and the annotation that is not the user's stay. Its class is never
   * edited, the API server forbids that: the Service is deleted and made anew.
   */
  put(service: Service): void {
    const key = serviceKey(service);
    if (this.services.get(key)?.spec?.loadBalancerClass !== service.spec?.loadBalancerClass) this.delete(key);
    const before = this.services.get(key);
    this.settled.delete(key);
    this.services.set(key, before === undefined ? service : edited(before, service));
  }

  delete(key: string): void {
    this.services.delete(key);
    this.settled.delete(key);
    this.seen.delete(key);
    this.allocator.forget(key, this.now);
    this.#save();
  }

  configure(configuration: Configuration): void {
    this.#configuration = configuration;
    this.allocator.usePools(configuration.pools, configuration.unreadable);
    this.#save();
  }

  /** @param written whether the API server takes the write now; else it may arrive later. */
  decide(key: string, written: boolean): Verdict | undefined {
    const service = this.services.get(key);
    if (service === undefined) return undefined;
    const verdict = this.allocator.decide(service);
    this.seen.set(key, service);
    if (written) {
      this.#write(service, verdict);
      this.allocator.commit(key, this.now);
      this.settled.add(key);
    } else this.#writes = [...this.#writes, { key, base: service, verdict }].slice(-5);
    this.#save();
    return verdict;
  }

  /** Writes that were under way arrive: those that were decided on what is still there are stored. */
  arrive(): void {
    for (const { key, base, verdict } of this.#writes) {
      if (this.services.get(key) !== base) continue;
      this.#write(base, verdict);
      this.settled.delete(key);
      this.seen.delete(key);
    }
    this.#writes = [];
  }

  /** Time goes by. */
  wait(ms: number): void {
    this.now += ms;
    this.allocator.expire(this.now);
    this.#save();
  }

  /** A new process: all memory is gone, the statuses stay. @param order in which it adopts them. */
  restart(order: (services: readonly Service[]) => readonly Service[] = (services) => services.toSorted(olderFirst)): void {
    this.allocator = this.#begin(order([...this.services.values()]));
  }

  /** While no process runs, somebody puts back a Service with a status that is another's meanwhile. */
  restore(from: number, to: number): void {
    const all = [...this.services.values()];
    const sources = all.filter((service) => publishedTexts(service).length > 0);
    const targets = all.filter(({ spec }) => spec?.type === "LoadBalancer" && spec.loadBalancerClass === undefined);
    const [source, target] = [sources[from % sources.length], targets[to % targets.length]];
    if (source?.status !== undefined && target !== undefined) {
      const { [annotations.ipAllocatedFromPool]: pool = "" } = source.metadata.annotations ?? {};
      const texts = { ...target.metadata.annotations, [annotations.ipAllocatedFromPool]: pool };
      this.services.set(serviceKey(target), {
        ...target,
        metadata: { ...target.metadata, annotations: texts },
        status: source.status,
      });
      this.settled.delete(serviceKey(target));
    }
    this.restart();
  }

  /** Decides and writes everything until nothing changes. */
  settle(): void {
    for (let round = 0; round < 3; round++) for (const key of this.services.keys()) this.decide(key, true);
  }

  /** Two Services that publish one address and may not share it; undefined when there are none. */
  conflict(): string | undefined {
    const tenants = new Map<string, ReturnType<typeof requestOf>[]>();
    for (const service of this.services.values()) {
      const request = requestOf(service);
      for (const text of publishedTexts(service)) {
        const others = tenants.get(text) ?? [];
        if (clashOf(request.service, request, others) !== undefined)
          return `${text}: ${request.service} and ${others[0]?.service}`;
        tenants.set(text, [...others, request]);
      }
    }
    return undefined;
  }

  /** Everything that is published or held, each address once. */
  inUse(): readonly Address[] {
    const texts = new Set<string>();
    for (const key of this.services.keys()) for (const address of this.allocator.heldBy(key)) texts.add(formatAddress(address));
    return [...texts].map(parseAddress).filter((address) => address !== undefined);
  }

  #begin(services: readonly Service[] = []): Allocator {
    const shows = (key: string, address: Address): boolean =>
      this.services.has(key) && publishedTexts(this.services.get(key) as Service).includes(formatAddress(address));
    const allocator = new Allocator(this.#classFlag, shows);
    this.seen.clear();
    for (const service of services) {
      allocator.adopt(service);
      this.seen.set(serviceKey(service), service);
    }
    allocator.usePools(this.pools, this.unreadable);
    for (const reservations of this.#kept.values()) allocator.restore(reservations, this.now);
    return allocator;
  }

  #write(service: Service, verdict: Verdict): void {
    this.services.set(serviceKey(service), withVerdict(service, verdict));
  }

  #save(): void {
    for (const { name } of this.pools.pools) this.#kept.set(name, this.allocator.reservations(name) ?? []);
  }
}

function edited(before: Service, after: Service): Service {
  const recorded = before.metadata.annotations?.[annotations.ipAllocatedFromPool];
  const { creationTimestamp = "" } = before.metadata;
  const texts = { ...after.metadata.annotations, ...(recorded !== undefined && { [annotations.ipAllocatedFromPool]: recorded }) };
  const isStill = after.spec?.type === "LoadBalancer"; // the API server empties the status of all others
  return {
    ...after,
    metadata: { ...after.metadata, annotations: texts, creationTimestamp },
    ...(before.status && isStill && { status: before.status }),
  };
}
