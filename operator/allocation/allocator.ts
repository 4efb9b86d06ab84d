import { emptySnapshot, type Pool, type Snapshot } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { type Counters, capacity, countersOf } from "./counters.ts";
import { decide, type Situation, situationOf } from "./decide.ts";
import { FreeAddresses, isBuggy } from "./free-address.ts";
import { type Holding, Holdings, heldBy, without } from "./holdings.ts";
import { addressText, indexPools, type PoolIndex } from "./pool-index.ts";
import type { View } from "./pool-selection.ts";
import { type Request, requestOf, serviceKey } from "./request.ts";
import { clashOf } from "./sharing.ts";
import type { Verdict } from "./verdict.ts";
import { Waiting } from "./waiting.ts";

/** What happened since it was last asked for. Pool names. */
export type PoolChanges = {
  /** Pools in which an address became free, or may be shared by others than before. */
  readonly released: ReadonlySet<string>;
  /** Pools whose counters changed. */
  readonly counted: ReadonlySet<string>;
};

type Free = { readonly pool: string; readonly signature: string; readonly addresses: FreeAddresses };

/**
 * Gives addresses to Services. Deterministic and without input or output: the Services' statuses are its memory, and
 * {@link Allocator.adopt} must have seen every one of them before the first {@link Allocator.decide}.
 *
 * What was decided is held at once, what it replaces is held until {@link Allocator.commit}: so between a decision and
 * its write no address can go to two Services, whatever becomes of the write.
 */
export class Allocator {
  readonly #holdings = new Holdings();
  readonly #waiting = new Waiting();
  readonly #free = new Map<string, Free>();
  readonly #assigned = new Map<string, { IPv4: bigint; IPv6: bigint }>();
  readonly #handles: (service: Service) => boolean;
  #index: PoolIndex = indexPools(emptySnapshot);
  #unreadable: ReadonlySet<string> = new Set();
  #released = new Set<string>();
  #counted = new Set<string>();

  /** @param loadBalancerClass the class of the Services to serve; empty: those without a class. */
  constructor(loadBalancerClass: string) {
    this.#handles = ({ spec }) => (spec?.loadBalancerClass ?? "") === loadBalancerClass;
  }

  /**
   * Puts pools in force. Nothing is released by this: the Services of a changed pool are to be decided again.
   * @param unreadable names of pools that exist, and are in `snapshot` neither as they are nor as they last were.
   */
  usePools(snapshot: Snapshot, unreadable: ReadonlySet<string>): void {
    for (const pool of this.#index.all) this.#counted.add(pool.name);
    this.#index = indexPools(snapshot);
    this.#unreadable = unreadable;
    this.#assigned.clear();
    for (const address of this.#holdings.used()) this.#count(address, 1n);
    for (const pool of this.#index.all) this.#counted.add(pool.name);
    for (const [key, { pool, signature }] of this.#free) {
      const successor = snapshot.poolByName.get(pool);
      if (successor === undefined || signatureOf(successor) !== signature) this.#free.delete(key);
    }
  }

  /**
   * Takes over what a Service's status holds, unless somebody holds it already and may not share it: so adopted in the
   * order of {@link olderFirst}, the older of two Services keeps it, whatever the order of a list.
   */
  adopt(service: Service): void {
    if (!this.#isAsking(service)) return;
    const request = requestOf(service);
    const { held, recordedPool } = situationOf(service, request, undefined);
    const uncontested = held.filter(
      (address) => clashOf(request.service, request, this.#holdings.tenantsOf(address)) === undefined,
    );
    if (uncontested.length > 0) this.#put(request, uncontested, [], recordedPool ?? "");
  }

  /** Decides one Service and holds what was decided for it. Repeating is harmless and gives the same. */
  decide(service: Service): Verdict {
    const key = serviceKey(service);
    const holding = this.#holdings.of(key);
    if (!this.#isAsking(service)) return this.#takeBack(service, holding);
    const request = requestOf(service);
    const situation = situationOf(service, request, holding);
    const verdict = decide(this.#view, situation);
    this.#hold(situation, holding, verdict);
    this.#wait(request, verdict);
    return verdict;
  }

  /** The last decision on this Service is known to be in its status: what it replaced is free. */
  commit(key: string): void {
    const holding = this.#holdings.of(key);
    if (holding === undefined || holding.former.length === 0) return;
    this.#apply({ ...holding, former: [] });
  }

  /** The Service is gone: everything that it held is free. */
  forget(key: string): void {
    this.#waiting.remove(key);
    const holding = this.#holdings.of(key);
    if (holding !== undefined) this.#apply({ ...holding, addresses: [], former: [] });
  }

  /** Undefined for a pool that is not in force. */
  counters(name: string): Counters | undefined {
    const pool = this.#index.poolNamed(name);
    return pool && countersOf(pool, this.#assigned.get(name) ?? { IPv4: 0n, IPv6: 0n });
  }

  /** What the Service holds, including what it is about to lose; empty when nothing. */
  heldBy(key: string): readonly Address[] {
    const holding = this.#holdings.of(key);
    return holding === undefined ? [] : heldBy(holding);
  }

  /** Every Service that holds something. */
  holders(): readonly string[] {
    return [...this.#holdings.all()].map(({ service }) => service);
  }

  /** Hands over what happened to pools since the last call. */
  takeChanges(): PoolChanges {
    const changes = { released: this.#released, counted: this.#counted };
    this.#released = new Set();
    this.#counted = new Set();
    return changes;
  }

  /** Services that an address released in this pool may help. */
  waitingFor(name: string): readonly string[] {
    const pool = this.#index.poolNamed(name);
    return pool === undefined ? [] : this.#waiting.for(pool);
  }

  /** Services to decide again when these pools have changed: their holders, and everybody who waits. */
  concernedBy(pools: ReadonlySet<string>): readonly string[] {
    const concerned = new Set<string>();
    for (const holding of this.#holdings.all()) {
      const owners = holding.addresses.map((address) => this.#index.ownerOf(address)?.name);
      if (pools.has(holding.pool) || owners.some((owner) => owner === undefined || pools.has(owner)))
        concerned.add(holding.service);
    }
    for (const service of this.#waiting.all()) concerned.add(service);
    return [...concerned];
  }

  #isAsking(service: Service): boolean {
    return service.spec?.type === "LoadBalancer" && this.#handles(service);
  }

  /** A Service of another class may be another program's: nothing is written to it. */
  #takeBack(service: Service, holding: Holding | undefined): Verdict {
    const key = serviceKey(service);
    this.#waiting.remove(key);
    const isOurs = holding !== undefined || (this.#handles(service) && recorded(service));
    if (holding !== undefined) this.#apply({ ...holding, addresses: [], former: heldBy(holding) });
    if (!isOurs || service.spec?.type === "LoadBalancer") {
      this.forget(key);
      return { outcome: "ignore" };
    }
    return { outcome: "clear", lost: [{ code: "NotLoadBalancer" }], unmet: [] };
  }

  #hold({ request, held }: Situation, holding: Holding | undefined, verdict: Verdict): void {
    const now = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict.addresses : [];
    const pool = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict.pool : "";
    const mine = held.filter((address) => clashOf(request.service, request, this.#holdings.tenantsOf(address)) === undefined);
    const before = holding === undefined ? mine : [...mine, ...without(heldBy(holding), mine)];
    this.#put(request, now, without(before, now), pool);
  }

  #put(
    { service, sharingKey, backendKey, ports }: Request,
    now: readonly Address[],
    former: readonly Address[],
    pool: string,
  ): void {
    this.#apply({ service, sharingKey, backendKey, ports, addresses: now, former, pool });
  }

  #apply(holding: Holding): void {
    const { taken, opened, freed } = this.#holdings.put(holding);
    for (const address of taken) this.#count(address, 1n);
    for (const address of freed) {
      this.#count(address, -1n);
      const pool = this.#index.ownerOf(address);
      if (pool !== undefined) this.#freeOf(pool, address.family).release(address.bits);
    }
    for (const address of opened) {
      const pool = this.#index.ownerOf(address);
      if (pool !== undefined) this.#released.add(pool.name);
    }
  }

  #count(address: Address, step: bigint): void {
    const pool = this.#index.ownerOf(address);
    if (pool === undefined) return;
    const assigned = this.#assigned.get(pool.name) ?? { IPv4: 0n, IPv6: 0n };
    assigned[address.family] += step;
    this.#assigned.set(pool.name, assigned);
    this.#counted.add(pool.name);
  }

  #wait(request: Request, verdict: Verdict): void {
    if (verdict.outcome === "ignore" || verdict.unmet.length === 0) {
      this.#waiting.remove(request.service);
    } else if (verdict.outcome !== "pending" && verdict.outcome !== "clear" && request.wish.kind === "any") {
      this.#waiting.add(request, [verdict.pool]);
    } else {
      this.#waiting.add(request, this.#helpers(request));
    }
  }

  /** The pools that could fulfil a request; undefined: any with autoAssign. */
  #helpers({ wish }: Request): readonly string[] | undefined {
    switch (wish.kind) {
      case "any":
        return undefined;
      case "invalid":
        return [];
      case "pool":
        return [wish.pool];
      case "addresses":
        return [...new Set(wish.addresses.map((address) => this.#index.ownerOf(address)?.name ?? ""))];
    }
  }

  get #view(): View {
    return {
      index: this.#index,
      unreadable: this.#unreadable,
      tenantsOf: (address) => this.#holdings.tenantsOf(address),
      first: (pool, family, request) => this.#first(pool, family, request),
      stockOf: (pool, family) => {
        const size = capacity(pool, family);
        return { family, size, isFull: (this.#assigned.get(pool.name)?.[family] ?? 0n) >= size };
      },
    };
  }

  /** The first free address, or an earlier one that the Service may share. */
  #first(pool: Pool, family: Family, request: Request): Address | undefined {
    const free = this.#freeOf(pool, family);
    let best = free.first((bits) => this.#holdings.isUsed(family, bits));
    if (request.sharingKey === "") return best === undefined ? undefined : { family, bits: best };
    let bestOrdinal = best === undefined ? undefined : free.ordinalOf(best);
    for (const address of this.#holdings.sharedBy(request)) {
      const ordinal = address.family === family ? free.ordinalOf(address.bits) : undefined;
      if (ordinal === undefined || (bestOrdinal !== undefined && ordinal >= bestOrdinal)) continue;
      if (pool.avoidBuggyIPs && isBuggy(family, address.bits)) continue;
      if (clashOf(request.service, request, this.#holdings.tenantsOf(address)) !== undefined) continue;
      best = address.bits;
      bestOrdinal = ordinal;
    }
    return best === undefined ? undefined : { family, bits: best };
  }

  #freeOf(pool: Pool, family: Family): FreeAddresses {
    const key = `${family}/${pool.name}`;
    const known = this.#free.get(key);
    if (known !== undefined) return known.addresses;
    const addresses = new FreeAddresses(pool, family);
    this.#free.set(key, { pool: pool.name, signature: signatureOf(pool), addresses });
    return addresses;
  }
}

/** What the order of handing out depends on. */
function signatureOf(pool: Pool): string {
  return `${pool.avoidBuggyIPs} ${addressText(pool)}`;
}

function recorded({ metadata }: Service): boolean {
  return metadata.annotations?.[annotations.ipAllocatedFromPool] !== undefined;
}

/** The order in which Services are adopted: the older one keeps what two hold. */
export function olderFirst(a: Service, b: Service): number {
  const [first, second] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (first !== second) return first < second ? -1 : 1;
  return serviceKey(a) < serviceKey(b) ? -1 : 1;
}
