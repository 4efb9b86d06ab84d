import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
import { type Families, familyList } from "./families.ts";
import type { PoolGap, PoolReport, PoolReports } from "./pool-gap.ts";
import type { Request } from "./request.ts";
import { scopeGap } from "./scope.ts";
import type { View } from "./view.ts";

/** A message names no more. */
const reported = 10;

/**
 * Why each pool gives an automatic Service nothing, the most promising pool first: one that lacks only a free address,
 * then one that the Service's owner can get into, then the rest.
 */
export function reportPools(view: View, request: Request, families: Families): PoolReports {
  const ranked: { readonly name: string; readonly pool: Pool | undefined; readonly rank: number }[] = [];
  for (const pool of view.index.all) ranked.push({ name: pool.name, pool, rank: rankOf(pool, request, families) });
  for (const name of view.unreadable) {
    if (view.index.poolNamed(name) === undefined) ranked.push({ name, pool: undefined, rank: 2 });
  }
  ranked.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const pools = ranked.slice(0, reported).map(({ name, pool }): PoolReport => {
    return { pool: name, gap: pool === undefined ? { kind: "set-aside" } : gapOf(view, pool, request, families) };
  });
  return { pools, more: ranked.length - pools.length };
}

/** What one pool lacks for a Service that may have its addresses. */
export function stockGap(view: View, pool: Pool, request: Request, families: Families): PoolGap {
  return { kind: "stock", stock: familyList(families).map((family) => view.stockOf(pool, family, request)) };
}

/** Why a pool adds no address of this family to the one that a Service has of it. */
export function familyGap(view: View, pool: Pool, request: Request, family: Family): PoolGap {
  return pool.draining ? { kind: "draining" } : stockGap(view, pool, request, family);
}

function gapOf(view: View, pool: Pool, request: Request, families: Families): PoolGap {
  const gap = scopeGap(pool, request);
  if (gap !== undefined) return { kind: "scope", gap };
  if (!pool.autoAssign) return { kind: "manual" };
  if (pool.draining) return { kind: "draining" };
  return stockGap(view, pool, request, families);
}

/** Lower is nearer. A pool without any address of the families is never worth more than a word. */
function rankOf(pool: Pool, request: Request, families: Families): number {
  const wanted = familyList(families);
  if (!pool.entries.some(({ range }) => wanted.includes(range.family))) return 5;
  const gap = scopeGap(pool, request);
  if (gap !== undefined) return gap.kind === "labels" ? 1 : 4;
  if (!pool.autoAssign) return 3;
  return pool.draining ? 2 : 0;
}
