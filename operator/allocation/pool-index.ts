import { ownerOf } from "../../crds/config/pools/address-owners.ts";
import type { Pool, Snapshot } from "../../crds/config/snapshot.ts";
import { equalSets } from "../../crds/equal-sets.ts";
import type { Address } from "../../crds/net/address.ts";

/** A snapshot's pools, arranged for the allocator's questions. */
export type PoolIndex = {
  /** The pool that holds an address; pools of a snapshot do not overlap. */
  ownerOf(address: Address): Pool | undefined;
  poolNamed(name: string): Pool | undefined;
  /** Every pool, sorted by name. */
  readonly all: readonly Pool[];
  /** Pools with autoAssign and a serviceAllocation that this namespace may use: by priority, then by name. */
  scopedFor(namespace: string): readonly Pool[];
  /** Pools with autoAssign for general use: by name. */
  readonly general: readonly Pool[];
};

/** Arranges the pools of `snapshot`. */
export function indexPools(snapshot: Snapshot): PoolIndex {
  const automatic = snapshot.pools.filter((pool) => pool.autoAssign).sort(byName);
  const scoped = automatic
    .filter((pool) => pool.scope !== undefined)
    .sort((a, b) => priorityOf(a) - priorityOf(b) || byName(a, b));
  return {
    ownerOf: (address) => ownerOf(snapshot.owners, address),
    poolNamed: (name) => snapshot.poolByName.get(name),
    all: snapshot.pools,
    scopedFor: byNamespace(scoped),
    general: automatic.filter((pool) => pool.scope === undefined),
  };
}

/** @param ordered pools with a scope. @returns for each namespace those that it may use, in the same order. */
function byNamespace(ordered: readonly Pool[]): (namespace: string) => readonly Pool[] {
  const ranks = new Map(ordered.map((pool, rank) => [pool, rank]));
  const everywhere = ordered.filter(({ scope }) => scope?.namespaces === undefined);
  const named = new Map<string, Pool[]>();
  for (const pool of ordered) {
    for (const namespace of pool.scope?.namespaces ?? []) {
      const pools = named.get(namespace);
      if (pools === undefined) named.set(namespace, [pool]);
      else pools.push(pool);
    }
  }
  const rankOf = (pool: Pool): number => ranks.get(pool) ?? 0;
  const merged = new Map<string, readonly Pool[]>();
  return (namespace) => {
    const own = named.get(namespace);
    if (own === undefined) return everywhere;
    const known = merged.get(namespace) ?? [...own, ...everywhere].sort((a, b) => rankOf(a) - rankOf(b));
    merged.set(namespace, known);
    return known;
  };
}

/** Names of the pools whose meaning for allocation is not the same in both snapshots, appeared and gone ones included. */
export function changedPools(before: Snapshot, after: Snapshot): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const pool of before.pools) if (!after.poolByName.has(pool.name)) changed.add(pool.name);
  for (const pool of after.pools) {
    const former = before.poolByName.get(pool.name);
    if (former === undefined || !samePool(former, pool)) changed.add(pool.name);
  }
  return changed;
}

function samePool(a: Pool, b: Pool): boolean {
  return (
    a.generation === b.generation &&
    a.draining === b.draining &&
    a.reserveForMs === b.reserveForMs &&
    a.autoAssign === b.autoAssign &&
    a.avoidBuggyIPs === b.avoidBuggyIPs &&
    addressText(a) === addressText(b) &&
    a.scope?.priority === b.scope?.priority &&
    equalSets(a.scope?.namespaces, b.scope?.namespaces) &&
    selectorText(a) === selectorText(b)
  );
}

/** The addresses of a pool as one text; equal texts mean equal addresses in equal order. */
export function addressText(pool: Pool): string {
  return pool.entries.map(({ text }) => text).join(" ");
}

function selectorText({ scope }: Pool): string | undefined {
  return scope?.serviceSelectors.map(({ text }) => text).join("\n");
}

/** Subtracting two infinite priorities gives NaN, which is falsy, so the name decides. */
function priorityOf(pool: Pool): number {
  return pool.scope?.priority ?? Number.POSITIVE_INFINITY;
}

function byName(a: Pool, b: Pool): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
