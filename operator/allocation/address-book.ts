import type { Pool, Snapshot } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import type { Counters } from "./counters.ts";
import { isBuggy } from "./free-address.ts";
import { type Holding, Holdings, heldBy } from "./holdings.ts";
import type { Stock } from "./pool-gap.ts";
import type { PoolIndex } from "./pool-index.ts";
import { PoolLedger } from "./pool-ledger.ts";
import type { Request } from "./request.ts";
import { type Reservation, Reservations } from "./reservations.ts";
import { mayServe } from "./scope.ts";
import type { Clash, Tenant } from "./sharing.ts";
import type { View } from "./view.ts";
import type { Room } from "./waiting.ts";

/** What happens to addresses that may help a Service which has none. */
export type AddressNews = {
  /** An address of this pool became free, or may be shared on other terms. */
  opened(pool: string, address: Address): void;
  /** Services with these keys may now share an address of this pool, as far as their ports allow. */
  joinable(pool: string, keys: string): void;
};

/** Every address in use or kept, by Service and by pool. */
export class AddressBook implements View {
  readonly #holdings = new Holdings();
  readonly #ledger = new PoolLedger();
  readonly #reservations = new Reservations();
  readonly #news: AddressNews;
  #unreadable: ReadonlySet<string> = new Set();

  /** @param news is told what may help those who wait. */
  constructor(news: AddressNews) {
    this.#news = news;
  }

  get index(): PoolIndex {
    return this.#ledger.index;
  }

  get unreadable(): ReadonlySet<string> {
    return this.#unreadable;
  }

  /** Puts pools in force. Nothing that is held is released by this. */
  usePools(snapshot: Snapshot, unreadable: ReadonlySet<string>): void {
    this.#unreadable = unreadable;
    const changed = this.#ledger.usePools(snapshot, (service) => this.heldBy(service));
    for (const name of [...changed, ""]) for (const kept of this.#reservations.ofPool(name)) this.#rehome(kept);
  }

  of(service: string): Holding | undefined {
    return this.#holdings.of(service);
  }

  /** What a Service holds, including what it is about to lose. */
  heldBy(service: string): readonly Address[] {
    return this.#holdings.heldBy(service);
  }

  /** Replaces what a Service holds. One that has an address needs none of those that were kept for it. */
  put(holding: Holding): void {
    const { taken, opened, freed } = this.#holdings.put(holding);
    this.#ledger.track(holding.service, heldBy(holding));
    for (const address of taken) {
      this.#ledger.count(address, 1n);
      this.#invite(address);
    }
    for (const address of freed) this.#ledger.count(address, -1n);
    for (const address of opened) {
      for (let heir = this.#holdings.heirTo(address); heir !== undefined; heir = this.#holdings.heirTo(address)) this.put(heir);
      this.#open(address);
    }
    if (holding.addresses.length === 0) return;
    for (const kept of this.#reservations.of(holding.service)) this.#end(kept);
  }

  /** Keeps an address for a Service that leaves, if its pool is to do that. Before it is released. */
  reserve(service: string, address: Address, now: number): void {
    const pool = this.index.ownerOf(address);
    if (pool?.reserveForMs === undefined) return;
    this.#dropped(this.#reservations.add({ service, address, until: now + pool.reserveForMs }, pool.name));
  }

  /** Takes over a reservation that another process made. */
  restore({ service, address, until }: Reservation, now: number): void {
    const pool = this.index.ownerOf(address);
    if (until <= now || this.heldBy(service).length > 0) return;
    if (pool !== undefined && pool.reserveForMs === undefined) return;
    this.#dropped(this.#reservations.add({ service, address, until }, pool?.name ?? ""));
  }

  /** Ends the reservations whose time has come. */
  expire(now: number): void {
    for (let kept = this.#reservations.takeEnded(now); kept !== undefined; kept = this.#reservations.takeEnded(now)) {
      this.#open(kept.address);
    }
  }

  /** When the next reservation ends. */
  get nextEnd(): number | undefined {
    return this.#reservations.nextEnd;
  }

  /** The oldest first. */
  reservationsIn(pool: string): readonly Reservation[] {
    return this.#reservations.ofPool(pool);
  }

  reservedFor(service: string): readonly Reservation[] {
    return this.#reservations.of(service);
  }

  reservationAgainst(service: string, address: Address): Reservation | undefined {
    return this.#isHeld(address) ? undefined : this.#reservations.against(service, address);
  }

  /** Everybody on an address. */
  tenantsOf(address: Address): readonly Tenant[] {
    return this.#holdings.tenantsOf(address);
  }

  clash(address: Address, request: Request): Clash | undefined {
    return this.#holdings.clash(address, request.service, request);
  }

  first(pool: Pool, family: Family, request: Request): Address | undefined {
    return this.#ownIn(pool, family, request) ?? this.#firstFree(pool, family, request);
  }

  stockOf(pool: Pool, family: Family, request: Request): Stock {
    const size = this.#ledger.capacity(pool, family);
    const stock = { family, size, reserved: this.#keptIn(pool, family), isFull: this.first(pool, family, request) === undefined };
    const bits = request.sharingKey === "" ? undefined : this.#ledger.freeOf(pool, family).lowest;
    const clash = bits === undefined ? undefined : this.clash({ family, bits }, request);
    return bits === undefined || clash === undefined ? stock : { ...stock, held: { address: { family, bits }, clash } };
  }

  /** Undefined when the pool gives nothing. */
  roomIn(name: string): Room | undefined {
    const pool = this.index.poolNamed(name);
    if (pool === undefined || pool.draining) return undefined;
    const free = { IPv4: this.#freeIn(pool, "IPv4"), IPv6: this.#freeIn(pool, "IPv6") };
    return { pool, free, serves: (request) => mayServe(pool, request) };
  }

  /** Undefined for a pool that is not in force. */
  counters(pool: string): Counters | undefined {
    return this.#ledger.counters(pool);
  }

  /** Services that hold an address of one of these pools, or of none at all. */
  holdersIn(pools: Iterable<string>): ReadonlySet<string> {
    return new Set([...pools, ""].flatMap((pool) => [...this.#ledger.holdersIn(pool)]));
  }

  /** Every Service that holds something. */
  holders(): readonly string[] {
    return [...this.#holdings.services()];
  }

  /** Names of the pools whose counters changed since the last call. */
  takeCounted(): ReadonlySet<string> {
    return this.#ledger.takeCounted();
  }

  /** Names of the pools whose reservations changed since the last call. */
  takeReserved(): ReadonlySet<string> {
    return this.#reservations.takeChanged();
  }

  /** The first free address, or an earlier one that the Service may share. */
  #firstFree(pool: Pool, family: Family, request: Request): Address | undefined {
    const free = this.#ledger.freeOf(pool, family);
    let best = free.first((bits) => this.#isBusy({ family, bits }));
    let bestOrdinal = best === undefined ? undefined : free.ordinalOf(best);
    for (const bits of this.#holdings.sharedBy(request.service, request, family)) {
      const ordinal = free.ordinalOf(bits);
      if (ordinal === undefined || (bestOrdinal !== undefined && ordinal >= bestOrdinal)) continue;
      if (pool.avoidBuggyIPs && isBuggy(family, bits)) continue;
      if (this.clash({ family, bits }, request) !== undefined) continue;
      best = bits;
      bestOrdinal = ordinal;
    }
    return best === undefined ? undefined : { family, bits: best };
  }

  /** What it has of this pool already, or what is kept for it. */
  #ownIn(pool: Pool, family: Family, request: Request): Address | undefined {
    const kept = this.#reservations.of(request.service).map(({ address }) => address);
    return [...this.heldBy(request.service), ...kept]
      .filter((address) => address.family === family && this.index.ownerOf(address) === pool)
      .filter(({ bits }) => !(pool.avoidBuggyIPs && isBuggy(family, bits)))
      .find((address) => this.clash(address, request) === undefined);
  }

  #freeIn(pool: Pool, family: Family): number {
    const first = this.#ledger.freeOf(pool, family).first((bits) => this.#isBusy({ family, bits }));
    if (first === undefined) return 0;
    const count = this.#ledger.capacity(pool, family) - this.#ledger.assigned(pool, family) - this.#keptIn(pool, family);
    return count < 1n ? 1 : Number(count);
  }

  /** Addresses that are kept and nobody is on. */
  #keptIn(pool: Pool, family: Family): bigint {
    const kept = this.#reservations.ofPool(pool.name).map(({ address }) => address);
    const idle = kept.filter((address) => address.family === family && !this.#isHeld(address));
    return BigInt(new Set(idle.map(({ bits }) => bits)).size);
  }

  #isHeld({ family, bits }: Address): boolean {
    return this.#holdings.isUsed(family, bits);
  }

  #isBusy(address: Address): boolean {
    return this.#isHeld(address) || this.#reservations.isReserved(address);
  }

  #rehome(kept: Reservation): void {
    const pool = this.index.ownerOf(kept.address);
    if (pool !== undefined && pool.reserveForMs === undefined) this.#end(kept);
    else this.#dropped(this.#reservations.rehome(kept, pool?.name ?? ""));
  }

  #end(kept: Reservation): void {
    if (this.#reservations.remove(kept)) this.#open(kept.address);
  }

  #dropped(kept: Reservation | undefined): void {
    if (kept !== undefined) this.#open(kept.address);
  }

  /** Somebody left an address, or its reservation ended. While it is kept for somebody else it helps nobody. */
  #open(address: Address): void {
    const pool = this.index.ownerOf(address);
    if (pool === undefined) return;
    const isHeld = this.#isHeld(address);
    if (!isHeld && this.#reservations.isReserved(address)) return;
    if (!isHeld) this.#ledger.freeOf(pool, address.family).release(address.bits);
    this.#news.opened(pool.name, address);
    this.#invite(address);
  }

  /** Those who have the keys of its tenants can join them. */
  #invite(address: Address): void {
    const keys = this.#holdings.keysOn(address);
    const pool = keys === undefined ? undefined : this.index.ownerOf(address);
    if (keys !== undefined && pool !== undefined) this.#news.joinable(pool.name, keys);
  }
}
