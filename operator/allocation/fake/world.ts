import type { Snapshot } from "../../../crds/config/snapshot.ts";
import { type Address, formatAddress, parseAddress } from "../../../crds/net/address.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { Allocator } from "../allocator.ts";
import { publishedTexts } from "../decide.ts";
import { requestOf, serviceKey } from "../request.ts";
import { clashOf } from "../sharing.ts";
import type { Verdict } from "../verdict.ts";
import { adoptAll, withVerdict } from "./services.ts";

/** An API server with Services, and an allocator that serves them: a model for property tests. */
export class World {
  readonly services = new Map<string, Service>();
  allocator = new Allocator("");
  /** Milliseconds since the epoch. */
  now = 0;
  #pools: Snapshot;

  constructor(pools: Snapshot) {
    this.#pools = pools;
    this.allocator.usePools(pools, new Set());
  }

  get pools(): Snapshot {
    return this.#pools;
  }

  /** Creates or edits a Service; its status stays. */
  put(service: Service): void {
    const before = this.services.get(serviceKey(service));
    const status = before?.status;
    const annotations = before === undefined ? service.metadata.annotations : keepRecord(before, service);
    const metadata = { ...service.metadata, ...(annotations && { annotations }) };
    this.services.set(serviceKey(service), { ...service, metadata, ...(status && { status }) });
  }

  delete(key: string): void {
    this.services.delete(key);
    this.allocator.forget(key, this.now);
  }

  changePools(pools: Snapshot): void {
    this.#pools = pools;
    this.allocator.usePools(pools, new Set());
  }

  /** @param written whether the API server takes the write. */
  decide(key: string, written: boolean): Verdict | undefined {
    const service = this.services.get(key);
    if (service === undefined) return undefined;
    const verdict = this.allocator.decide(service);
    if (written) {
      this.services.set(key, withVerdict(service, verdict));
      this.allocator.commit(key, this.now);
    }
    return verdict;
  }

  /** A new process: all memory is gone, the statuses stay. @param order of the list that it reads. */
  restart(order: (services: readonly Service[]) => readonly Service[]): void {
    this.allocator = new Allocator("");
    this.allocator.usePools(this.#pools, new Set());
    adoptAll(this.allocator, order([...this.services.values()]));
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
}

function keepRecord(before: Service, after: Service): Record<string, string> {
  const recorded = before.metadata.annotations?.["metallb.io/ip-allocated-from-pool"];
  return { ...after.metadata.annotations, ...(recorded !== undefined && { "metallb.io/ip-allocated-from-pool": recorded }) };
}
