import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import { inTurn } from "./line.ts";
import type { Need } from "./need.ts";
import type { Request } from "./request.ts";

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

type Entry = {
  /** In the order of arrival. */
  readonly place: number;
  readonly request: Request;
  readonly need: Need;
  /** Pools of which it was woken for addresses of these families, and is not decided since. */
  readonly claims: Map<string, readonly Family[]>;
  /** Pools that were no help, with the turn at which. */
  readonly passed: Map<string, number>;
};

/** Services that want the same of the same pools, by their names, in the order of arrival. */
type Line = Map<string, Entry>;

/**
 * Which Services wait for what. An address that becomes free wakes as many as it can help, the longest waiting first,
 * and no others; when one of them is decided, or goes, without taking it, the next one is woken.
 */
export class Waiting {
  readonly #entries = new Map<string, Entry>();
  /** By what can help, then by what is wanted. */
  readonly #lines = new Map<string, Map<string, Line>>();
  readonly #byAddress = new Map<string, Set<string>>();
  /** By the pools that they regard, or {@link anyPool}. */
  readonly #byRegard = new Map<string, Set<string>>();
  readonly #claimed = new Map<string, { [family in Family]: number }>();
  /** How often something became free in a pool: who was passed over before may be helped now. */
  readonly #turns = new Map<string, number>();
  readonly #stirred = new Set<string>();
  readonly #opened = new Set<string>();
  #places = 0;

  /** A Service was decided and needs this; undefined: nothing. Who needs the same as before keeps its place. */
  put(request: Request, need: Need | undefined): void {
    const before = this.#entries.get(request.service);
    if (before !== undefined && need !== undefined && wantsSame(before, request, need)) {
      this.#endClaims(before);
      return;
    }
    this.remove(request.service);
    if (need === undefined) return;
    const entry: Entry = { place: this.#places++, request, need, claims: new Map(), passed: new Map() };
    this.#entries.set(request.service, entry);
    for (const helper of helpersOf(entry)) {
      const lines = this.#lines.get(helper) ?? new Map<string, Line>();
      const line = lines.get(wantOf(entry)) ?? new Map<string, Entry>();
      this.#lines.set(helper, lines.set(wantOf(entry), line.set(request.service, entry)));
    }
    for (const key of need.addresses.map(keyOf)) addTo(this.#byAddress, key, request.service);
    for (const pool of need.regards ?? [anyPool]) addTo(this.#byRegard, pool, request.service);
  }

  /** It is gone, or lacks nothing any more. */
  remove(service: string): void {
    const entry = this.#entries.get(service);
    if (entry === undefined) return;
    this.#endClaims(entry);
    this.#entries.delete(service);
    for (const helper of helpersOf(entry)) {
      const lines = this.#lines.get(helper);
      const line = lines?.get(wantOf(entry));
      line?.delete(service);
      if (line?.size === 0) lines?.delete(wantOf(entry));
      if (lines?.size === 0) this.#lines.delete(helper);
    }
    for (const key of entry.need.addresses.map(keyOf)) removeFrom(this.#byAddress, key, service);
    for (const pool of entry.need.regards ?? [anyPool]) removeFrom(this.#byRegard, pool, service);
  }

  /** An address of this pool became free, or may be shared on other terms. */
  opened(pool: string, address: Address): void {
    this.#turns.set(pool, this.#turnOf(pool) + 1);
    this.#stirred.add(pool);
    this.#opened.add(keyOf(address));
  }

  /** Hands over the Services to decide now. @param roomIn undefined: the pool gives nothing. */
  wake(roomIn: (pool: string) => Room | undefined): readonly string[] {
    const woken = new Set<string>();
    for (const key of this.#opened) for (const service of this.#byAddress.get(key) ?? []) woken.add(service);
    for (const name of this.#stirred) {
      const room = roomIn(name);
      if (room !== undefined) this.#wakeFor(room, woken);
    }
    this.#opened.clear();
    this.#stirred.clear();
    return [...woken];
  }

  /** Those who wait and may lack something else, or for another reason, now that these pools have changed. */
  concernedBy(pools: Iterable<string>): readonly string[] {
    return [...pools, anyPool].flatMap((pool) => [...(this.#byRegard.get(pool) ?? [])]);
  }

  #wakeFor(room: Room, woken: Set<string>): void {
    const { pool, free } = room;
    const claimed = this.#claimed.get(pool.name) ?? { IPv4: 0, IPv6: 0 };
    const left = { IPv4: free.IPv4 - claimed.IPv4, IPv6: free.IPv6 - claimed.IPv6 };
    const lines = this.#linesFor(pool).map((line) => this.#eligible(line, room));
    for (const entry of inTurn<Entry>(lines, ({ request, need }) => claimIn(request, need, left) !== undefined)) {
      if (entry.claims.has(pool.name)) continue; // it stands in two of the lines
      const claim = claimIn(entry.request, entry.need, left) ?? [];
      for (const family of claim) left[family] -= 1;
      entry.claims.set(pool.name, claim);
      this.#claim(pool.name, claim, 1);
      woken.add(entry.request.service);
    }
  }

  #linesFor({ name, autoAssign, scope }: Pool): readonly Line[] {
    const namespaces = [...(scope?.namespaces ?? [])].map((namespace) => `namespace ${namespace}`);
    const automatic = scope?.namespaces === undefined ? ["any"] : namespaces;
    return [`pool ${name}`, ...(autoAssign ? automatic : [])].flatMap((helper) => [...(this.#lines.get(helper)?.values() ?? [])]);
  }

  *#eligible(line: Line, room: Room): Generator<Entry> {
    const { name } = room.pool;
    for (const entry of line.values()) {
      const isPast = entry.claims.has(name) || entry.passed.get(name) === this.#turnOf(name);
      if (!isPast && room.serves(entry.request)) yield entry;
    }
  }

  /** What it was woken for it took, or could not take: the next in line may have it. */
  #endClaims(entry: Entry): void {
    for (const [pool, claim] of entry.claims) {
      this.#claim(pool, claim, -1);
      entry.passed.set(pool, this.#turnOf(pool));
      this.#stirred.add(pool);
    }
    entry.claims.clear();
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

/** Addresses of which families would help; a Service that shares may join others, so that it needs none to be free. */
function claimIn({ sharingKey }: Request, { combinations }: Need, left: Count): readonly Family[] | undefined {
  if (sharingKey !== "") return [];
  return combinations.find((combination) => combination.every((family) => left[family] > 0));
}

function helpersOf({ request, need }: Entry): readonly string[] {
  return [...need.pools.map((pool) => `pool ${pool}`), ...(need.isAutomatic ? ["any", `namespace ${request.namespace}`] : [])];
}

/** Who shares stands apart: in a line all can be helped, or none. */
function wantOf({ request, need }: Entry): string {
  return request.sharingKey === "" ? JSON.stringify(need.combinations) : "shared";
}

function wantsSame(entry: Entry, request: Request, need: Need): boolean {
  const text = ({ labels, namespace, sharingKey }: Request, of: Need): string =>
    JSON.stringify([
      labels,
      namespace,
      sharingKey,
      of.isAutomatic,
      of.pools,
      of.combinations,
      of.regards,
      of.addresses.map(keyOf),
    ]);
  return text(entry.request, entry.need) === text(request, need);
}

function keyOf({ family, bits }: Address): string {
  return `${family} ${bits}`;
}

function addTo(index: Map<string, Set<string>>, key: string, service: string): void {
  const services = index.get(key);
  if (services === undefined) index.set(key, new Set([service]));
  else services.add(service);
}

function removeFrom(index: Map<string, Set<string>>, key: string, service: string): void {
  const services = index.get(key);
  services?.delete(service);
  if (services?.size === 0) index.delete(key);
}
