import { matchesAny } from "../selector.ts";
import type { Finding } from "./finding.ts";
import type { L2Draft, L2Meaning } from "./l2-advertisement.ts";
import type { L2Advertisement, Pool } from "./snapshot.ts";

/**
 * Attaches advertisements to the pools they name or select; to all when they do neither. Selectors that match no pool
 * attach to none. An advertisement that repeats another one on the same pool is left out, unless it has preferences:
 * their weights add up.
 * @param drafts by name.
 */
export function attachL2(pools: readonly Pool[], drafts: readonly L2Draft[]): readonly Pool[] {
  const meanings = drafts.flatMap(({ meaning }) => (meaning === undefined ? [] : [withNameSet(meaning)]));
  return pools.map((pool) => ({ ...pool, l2: distinct(meanings.filter((meaning) => selects(meaning, pool))) }));
}

type Attachable = L2Meaning & { readonly names: ReadonlySet<string> };

function withNameSet(meaning: L2Meaning): Attachable {
  return { ...meaning, names: new Set(meaning.poolNames) };
}

function selects({ names, poolSelectors }: Attachable, pool: Pool): boolean {
  if (names.size === 0 && poolSelectors.length === 0) return true;
  return names.has(pool.name) || matchesAny(poolSelectors, pool.labels);
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

/**
 * One pending finding for each pool that an advertisement names and that is not in force.
 * @param known names of all pools, those set aside included.
 */
export function unresolvedPools(
  drafts: readonly L2Draft[],
  standing: ReadonlySet<string>,
  known: ReadonlySet<string>,
): readonly Finding[] {
  return drafts.flatMap(({ identity: { ref }, meaning }) =>
    (meaning?.poolNames ?? []).flatMap((name, index) => {
      if (standing.has(name)) return [];
      const why = known.has(name)
        ? "which is set aside because of its own errors: mend it"
        : "which does not exist: create it or correct the name";
      const finding: Finding = {
        code: "ReferenceUnresolved",
        severity: "pending",
        object: ref,
        others: [{ ...ref, kind: "IPAddressPool", name }],
        field: `spec.ipAddressPools[${index}]`,
        message: `${ref.kind} "${ref.name}": spec.ipAddressPools[${index}]: it names pool "${name}", ${why}`,
      };
      return [finding];
    }),
  );
}
