import { poolFilter } from "./advertisement-selectors.ts";
import type { L2Draft, L2Meaning } from "./l2-advertisement.ts";
import type { L2Advertisement, Pool } from "./snapshot.ts";

/**
 * Attaches advertisements to the pools they name or select; to all when they do neither. Selectors that match no pool
 * attach to none. An advertisement that repeats another one on the same pool is left out, unless it has preferences:
 * their weights add up.
 * @param drafts by name.
 */
export function attachL2(pools: readonly Pool[], drafts: readonly L2Draft[]): readonly Pool[] {
  const meanings = drafts.flatMap(({ meaning }) => (meaning === undefined ? [] : [meaning]));
  const attachable = meanings.map((meaning) => ({ meaning, selects: poolFilter(meaning.pools) }));
  return pools.map((pool) => ({
    ...pool,
    l2: distinct(attachable.filter(({ selects }) => selects(pool)).map(({ meaning }) => meaning)),
  }));
}

function distinct(meanings: readonly L2Meaning[]): readonly L2Advertisement[] {
  const seen = new Set<string>();
  const kept = meanings.filter(({ sameAs }) => {
    if (sameAs === undefined) return true;
    const repeats = seen.has(sameAs);
    seen.add(sameAs);
    return !repeats;
  });
  return kept.map(({ advertisement }) => advertisement);
}
