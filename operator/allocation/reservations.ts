import type { Address } from "../../crds/net/address.ts";
import { MinHeap } from "./min-heap.ts";

/** An address that is kept for a Service that was deleted, should it come back under its name. */
export type Reservation = {
  readonly address: Address;
  /** `namespace/name`. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
};

/** Of so many reservations of one pool the oldest are dropped: they live in the pool's status. */
export const reservationsPerPool = 1_000;

type Entry = Reservation & { readonly key: string; pool: string };

/** The reservations of all pools. Knows no clock. */
export class Reservations {
  readonly #byAddress = new Map<string, Map<string, Entry>>();
  readonly #byService = new Map<string, Map<string, Entry>>();
  /** The oldest first; by the pool's name, empty for addresses that are in no pool. */
  readonly #byPool = new Map<string, Set<Entry>>();
  /** Also holds entries that are gone: they are passed over. */
  #byTime = new MinHeap<Entry>((a, b) => a.until < b.until);
  readonly #changed = new Set<string>();
  #count = 0;

  /** Adds one, or prolongs it. @returns the one that was dropped for it. */
  add(reservation: Reservation, pool: string): Reservation | undefined {
    const known = this.#byService.get(reservation.service)?.get(keyOf(reservation.address));
    if (known !== undefined) this.remove(known);
    const entry: Entry = { ...reservation, key: keyOf(reservation.address), pool };
    put(this.#byAddress, entry.key, entry.service, entry);
    put(this.#byService, entry.service, entry.key, entry);
    this.#byTime.push(entry);
    this.#count += 1;
    const dropped = this.#enter(entry, pool);
    if (this.#byTime.size > 2 * this.#count + 64) this.#forgetGone();
    return dropped;
  }

  /** @returns false when there is none such. */
  remove({ service, address }: Reservation): boolean {
    const entry = this.#byService.get(service)?.get(keyOf(address));
    if (entry === undefined) return false;
    take(this.#byAddress, entry.key, entry.service);
    take(this.#byService, entry.service, entry.key);
    this.#leave(entry);
    this.#count -= 1;
    return true;
  }

  of(service: string): readonly Reservation[] {
    return [...(this.#byService.get(service)?.values() ?? [])];
  }

  isReserved(address: Address): boolean {
    return this.#count > 0 && this.#byAddress.has(keyOf(address));
  }

  /** Somebody else's reservation of an address that is not also reserved for `service`. */
  against(service: string, address: Address): Reservation | undefined {
    const entries = this.#byAddress.get(keyOf(address));
    if (entries === undefined || entries.has(service)) return undefined;
    const [first] = entries.values();
    return first;
  }

  /** The oldest first. */
  ofPool(pool: string): readonly Reservation[] {
    return [...(this.#byPool.get(pool) ?? [])];
  }

  /** When the first one ends. */
  get nextEnd(): number | undefined {
    return this.#first()?.until;
  }

  /** Takes out one that has ended at `now`. */
  takeEnded(now: number): Reservation | undefined {
    const first = this.#first();
    if (first === undefined || first.until > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Another pool holds the address now. @returns the one that was dropped for it. */
  rehome({ service, address }: Reservation, pool: string): Reservation | undefined {
    const entry = this.#byService.get(service)?.get(keyOf(address));
    if (entry === undefined || entry.pool === pool) return undefined;
    this.#leave(entry);
    return this.#enter(entry, pool);
  }

  #first(): Entry | undefined {
    for (let entry = this.#byTime.peek(); entry !== undefined; entry = this.#byTime.peek()) {
      if (this.#byService.get(entry.service)?.get(entry.key) === entry) return entry;
      this.#byTime.pop();
    }
    return undefined;
  }

  /** Hands over the names of the pools whose reservations changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    return changed;
  }

  #forgetGone(): void {
    this.#byTime = new MinHeap<Entry>((a, b) => a.until < b.until);
    for (const entries of this.#byPool.values()) for (const entry of entries) this.#byTime.push(entry);
  }

  #enter(entry: Entry, pool: string): Reservation | undefined {
    entry.pool = pool;
    this.#changed.add(pool);
    const entries = (this.#byPool.get(pool) ?? new Set()).add(entry);
    this.#byPool.set(pool, entries);
    const [oldest] = entries.size > reservationsPerPool ? entries : [];
    return oldest !== undefined && this.remove(oldest) ? oldest : undefined;
  }

  #leave(entry: Entry): void {
    this.#changed.add(entry.pool);
    const entries = this.#byPool.get(entry.pool);
    entries?.delete(entry);
    if (entries?.size === 0) this.#byPool.delete(entry.pool);
  }
}

function keyOf({ family, bits }: Address): string {
  return `${family} ${bits}`;
}

function put(map: Map<string, Map<string, Entry>>, outer: string, inner: string, entry: Entry): void {
  const entries = map.get(outer) ?? new Map<string, Entry>();
  map.set(outer, entries.set(inner, entry));
}

function take(map: Map<string, Map<string, Entry>>, outer: string, inner: string): void {
  const entries = map.get(outer);
  entries?.delete(inner);
  if (entries?.size === 0) map.delete(outer);
}
