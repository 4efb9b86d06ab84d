import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import { inTurn } from "./line.ts";
import type { Need } from "./need.ts";
import type { Request } from "./request.ts";
import { keysOf } from "./tenancy.ts";
import { isOpenTo, type Waiter, WaitingLines } from "./waiting-lines.ts";

/** No pool has this name. */
const anyPool = "";

type Count = { readonly [family in Family]: number };

/** A pool in which something became free. */
export type Room = {
  readonly pool: Pool;
  /** How many of its addresses are. */
  readonly free: Count;
  /** Whether the pool may serve a Service. */
  serves(request: Request): boolean;
};

/**
 * Which Services wait for what. An address that becomes free wakes as many as it can help, the longest waiting first,
 * and no others; when one of them is decided, or goes, without taking it, the next one is woken.
 */
export class Waiting {
  readonly #waiters = new Map<string, Waiter>();
  readonly #lines = new WaitingLines();
  readonly #byAddress = new Map<string, Set<string>>();
  /** By the pools that they regard, or {@link anyPool}. */
  readonly #byRegard = new Map<string, Set<string>>();
  /** Those who share, by their keys. */
  readonly #byKeys = new Map<string, Set<string>>();
  readonly #claimed = new Map<string, { [family in Family]: number }>();
  /** How often something became free in a pool: who was passed over before may be helped now. */
  readonly #turns = new Map<string, number>();
  readonly #stirred = new Set<string>();
  readonly #opened = new Set<string>();
  /** Keys, by the pools in which those who have them may join others. */
  readonly #joinable = new Map<string, Set<string>>();
  #places = 0;

  /** A Service was decided and needs this; undefined: nothing. Who needs the same as before keeps its place. */
  put(request: Request, need: Need | undefined): void {
    const before = this.#waiters.get(request.service);
    if (before !== undefined && need !== undefined && wantsSame(before, request, need)) {
      this.#endClaims(before);
      return;
    }
    this.remove(request.service);
    if (need === undefined) return;
    const waiter: Waiter = { place: this.#places++, request, need, claims: new Map(), passed: new Map() };
    this.#waiters.set(request.service, waiter);
    this.#lines.add(waiter);
    for (const [index, key] of this.#entriesOf(waiter)) addTo(index, key, request.service);
  }

  /** It is gone, or lacks nothing any more. */
  remove(service: string): void {
    const waiter = this.#waiters.get(service);
    if (waiter === undefined) return;
    this.#endClaims(waiter);
    this.#waiters.delete(service);
    this.#lines.remove(waiter);
    for (const [index, key] of this.#entriesOf(waiter)) removeFrom(index, key, service);
  }

  /** Other pools are in force. */
  forgetPools(): void {
    this.#lines.forgetPools();
  }

  /** An address of this pool became free, or may be shared on other terms. */
  opened(pool: string, address: Address): void {
    this.#turns.set(pool, this.#turnOf(pool) + 1);
    this.#stirred.add(pool);
    this.#opened.add(keyOf(address));
  }

  /** Services with these keys may now share an address of this pool, as far as their ports allow. */
  joinable(pool: string, keys: string): void {
    if (this.#byKeys.has(keys)) addTo(this.#joinable, pool, keys);
  }

  /** Hands over the Services to decide now. @param roomIn undefined: the pool gives nothing. */
  wake(roomIn: (pool: string) => Room | undefined): readonly string[] {
    const woken = new Set<string>();
    for (const key of this.#opened) for (const service of this.#byAddress.get(key) ?? []) woken.add(service);
    for (const [name, keys] of this.#joinable) {
      const room = roomIn(name);
      if (room !== undefined) for (const each of keys) this.#invite(each, room, woken);
    }
    for (const name of this.#stirred) {
      const room = roomIn(name);
      if (room !== undefined) this.#wakeFor(room, woken);
    }
    this.#opened.clear();
    this.#joinable.clear();
    this.#stirred.clear();
    return [...woken];
  }

  /** Those who wait and may lack something else, or for another reason, now that these pools have changed. */
  concernedBy(pools: Iterable<string>): readonly string[] {
    return [...pools, anyPool].flatMap((pool) => [...(this.#byRegard.get(pool) ?? [])]);
  }

  /** Where a Service stands beside the lines. */
  #entriesOf({ request, need }: Waiter): readonly (readonly [index: Map<string, Set<string>>, key: string])[] {
    return [
      ...need.addresses.map((address) => [this.#byAddress, keyOf(address)] as const),
      ...(need.regards ?? [anyPool]).map((pool) => [this.#byRegard, pool] as const),
      ...(request.sharingKey === "" ? [] : [[this.#byKeys, keysOf(request)] as const]),
    ];
  }

  /** Nothing has to be free for those who join others. */
  #invite(keys: string, { pool, serves }: Room, woken: Set<string>): void {
    for (const service of this.#byKeys.get(keys) ?? []) {
      const waiter = this.#waiters.get(service);
      if (waiter === undefined || waiter.claims.has(pool.name)) continue;
      if (!isOpenTo(pool, waiter) && !(waiter.need.pools.includes(pool.name) && serves(waiter.request))) continue;
      waiter.claims.set(pool.name, []);
      woken.add(service);
    }
  }

  #wakeFor(room: Room, woken: Set<string>): void {
    const { pool, free } = room;
    const claimed = this.#claimed.get(pool.name) ?? { IPv4: 0, IPv6: 0 };
    const left = { IPv4: free.IPv4 - claimed.IPv4, IPv6: free.IPv6 - claimed.IPv6 };
    if (left.IPv4 <= 0 && left.IPv6 <= 0) return;
    const lines = this.#lines.of(pool).map((line) => this.#eligible(line, room));
    for (const waiter of inTurn<Waiter>(lines, ({ need }) => claimIn(need, left) !== undefined)) {
      if (waiter.claims.has(pool.name)) continue; // it stands in two of the lines
      const claim = claimIn(waiter.need, left) ?? [];
      for (const family of claim) left[family] -= 1;
      waiter.claims.set(pool.name, claim);
      this.#claim(pool.name, claim, 1);
      woken.add(waiter.request.service);
    }
  }

  *#eligible(line: Iterable<Waiter>, { pool, serves }: Room): Generator<Waiter> {
    for (const waiter of line) {
      const isPast = waiter.claims.has(pool.name) || waiter.passed.get(pool.name) === this.#turnOf(pool.name);
      if (!isPast && serves(waiter.request)) yield waiter;
    }
  }

  /** What it was woken for it took, or could not take: the next in line may have it. */
  #endClaims(waiter: Waiter): void {
    for (const [pool, claim] of waiter.claims) {
      this.#claim(pool, claim, -1);
      waiter.passed.set(pool, this.#turnOf(pool));
      this.#stirred.add(pool);
    }
    waiter.claims.clear();
  }

  #claim(pool: string, claim: readonly Family[], step: 1 | -1): void {
    const claimed = this.#claimed.get(pool) ?? { IPv4: 0, IPv6: 0 };
    for (const family of claim) claimed[family] += step;
    if (claimed.IPv4 === 0 && claimed.IPv6 === 0) this.#claimed.delete(pool);
    else this.#claimed.set(pool, claimed);
  }

  #turnOf(pool: string): number {
    return this.#turns.get(pool) ?? 0;
  }
}

/** Addresses of which families would help. */
function claimIn({ combinations }: Need, left: Count): readonly Family[] | undefined {
  return combinations.find((combination) => combination.every((family) => left[family] > 0));
}

function wantsSame(waiter: Waiter, request: Request, need: Need): boolean {
  const text = (by: Request, of: Need): string =>
    JSON.stringify([
      by.labels,
      by.namespace,
      by.sharingKey === "" ? "" : keysOf(by),
      of.isAutomatic,
      of.pools,
      of.combinations,
      of.regards,
      of.addresses.map(keyOf),
    ]);
  return text(waiter.request, waiter.need) === text(request, need);
}

function keyOf({ family, bits }: Address): string {
  return `${family} ${bits}`;
}

function addTo(index: Map<string, Set<string>>, key: string, member: string): void {
  const members = index.get(key);
  if (members === undefined) index.set(key, new Set([member]));
  else members.add(member);
}

function removeFrom(index: Map<string, Set<string>>, key: string, member: string): void {
  const members = index.get(key);
  members?.delete(member);
  if (members?.size === 0) index.delete(key);
}
