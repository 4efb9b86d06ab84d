import { emptySnapshot, type Pool, type Snapshot } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import { type Counters, capacity, countersOf } from "./counters.ts";
import { FreeAddresses } from "./free-address.ts";
import { addressText, changedPools, indexPools, type PoolIndex } from "./pool-index.ts";

/** What a pool has of one family; known as long as its addresses stay the same. */
type Supply = { readonly signature: string; readonly addresses: FreeAddresses; readonly capacity: bigint };
type Counts = { [family in Family]: bigint };

/** Holders of addresses that no pool holds stand here. */
const nowhere = "";

/**
 * What is in use of each pool, who uses it, and what is free: kept up with every change, and counted anew for those pools
 * alone whose meaning changes.
 */
export class PoolLedger {
  readonly #supplies = new Map<string, Supply>();
  readonly #assigned = new Map<string, Counts>();
  readonly #holders = new Map<string, Set<string>>();
  readonly #poolsOf = new Map<string, readonly string[]>();
  readonly #counted = new Set<string>();
  #snapshot: Snapshot = emptySnapshot;
  #index: PoolIndex = indexPools(emptySnapshot);

  get index(): PoolIndex {
    return this.#index;
  }

  /**
   * Puts pools in force.
   * @param heldBy what a Service holds.
   * @returns names of the pools whose meaning changed, appeared and gone ones included.
   */
  usePools(snapshot: Snapshot, heldBy: (service: string) => readonly Address[]): ReadonlySet<string> {
    const changed = changedPools(this.#snapshot, snapshot);
    const holders = new Set([...changed, nowhere].flatMap((pool) => [...this.holdersIn(pool)]));
    this.#snapshot = snapshot;
    this.#index = indexPools(snapshot);
    for (const name of changed) {
      this.#counted.add(name);
      this.#assigned.delete(name);
      this.#forgetSupply(name);
    }
    const seen = new Set<string>();
    for (const service of holders) {
      const addresses = heldBy(service);
      this.track(service, addresses);
      for (const address of addresses) {
        const key = `${address.family} ${address.bits}`;
        if (seen.has(key) || !changed.has(this.nameOf(address))) continue;
        seen.add(key);
        this.count(address, 1n);
      }
    }
    return changed;
  }

  /** Says what a Service holds now. */
  track(service: string, addresses: readonly Address[]): void {
    const pools = addresses.map((address) => this.nameOf(address));
    for (const pool of this.#poolsOf.get(service) ?? []) if (!pools.includes(pool)) this.#leave(pool, service);
    for (const pool of pools) this.#holders.set(pool, (this.#holders.get(pool) ?? new Set()).add(service));
    if (pools.length === 0) this.#poolsOf.delete(service);
    else this.#poolsOf.set(service, pools);
  }

  /** One address more is in use, or one fewer. */
  count(address: Address, step: 1n | -1n): void {
    const pool = this.#index.ownerOf(address);
    if (pool === undefined) return;
    const counts = this.#assigned.get(pool.name) ?? { IPv4: 0n, IPv6: 0n };
    counts[address.family] += step;
    this.#assigned.set(pool.name, counts);
    this.#counted.add(pool.name);
  }

  /** Services that hold an address of this pool; of the empty name: an address that is in no pool. */
  holdersIn(pool: string): Iterable<string> {
    return this.#holders.get(pool) ?? [];
  }

  /** The pool that holds an address; empty when none does. */
  nameOf(address: Address): string {
    return this.#index.ownerOf(address)?.name ?? nowhere;
  }

  /** Undefined for a pool that is not in force. */
  counters(name: string): Counters | undefined {
    const pool = this.#index.poolNamed(name);
    if (pool === undefined) return undefined;
    const total = { IPv4: this.capacity(pool, "IPv4"), IPv6: this.capacity(pool, "IPv6") };
    return countersOf(total, this.#assigned.get(name) ?? { IPv4: 0n, IPv6: 0n });
  }

  assigned(pool: Pool, family: Family): bigint {
    return this.#assigned.get(pool.name)?.[family] ?? 0n;
  }

  freeOf(pool: Pool, family: Family): FreeAddresses {
    return this.#supplyOf(pool, family).addresses;
  }

  /** Counted once, however many entries the pool has. */
  capacity(pool: Pool, family: Family): bigint {
    return this.#supplyOf(pool, family).capacity;
  }

  /** Hands over the names of the pools whose counters changed since the last call. */
  takeCounted(): ReadonlySet<string> {
    const counted = new Set(this.#counted);
    this.#counted.clear();
    return counted;
  }

  #supplyOf(pool: Pool, family: Family): Supply {
    const known = this.#supplies.get(supplyKey(pool.name, family));
    if (known !== undefined) return known;
    const supply = {
      signature: signatureOf(pool),
      addresses: new FreeAddresses(pool, family),
      capacity: capacity(pool, family),
    };
    this.#supplies.set(supplyKey(pool.name, family), supply);
    return supply;
  }

  /** What is known of the addresses stays, as long as the addresses and their order do. */
  #forgetSupply(name: string): void {
    const successor = this.#index.poolNamed(name);
    for (const family of ["IPv4", "IPv6"] as const) {
      const known = this.#supplies.get(supplyKey(name, family));
      if (known !== undefined && (successor === undefined || signatureOf(successor) !== known.signature)) {
        this.#supplies.delete(supplyKey(name, family));
      }
    }
  }

  #leave(pool: string, service: string): void {
    const holders = this.#holders.get(pool);
    holders?.delete(service);
    if (holders?.size === 0) this.#holders.delete(pool);
  }
}

function supplyKey(pool: string, family: Family): string {
  return `${family}/${pool}`;
}

/** What the order of handing out depends on. */
function signatureOf(pool: Pool): string {
  return `${pool.avoidBuggyIPs} ${addressText(pool)}`;
}
