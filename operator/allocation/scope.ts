import type { Pool } from "../../crds/config/snapshot.ts";
import { matches, matchesAny, type Selector } from "../../crds/selector.ts";

import { cut } from "./quotation.ts";

type Labels = Readonly<Record<string, string>>;

/** What a pool's serviceAllocation looks at. */
export type Scoped = { readonly namespace: string; readonly labels: Labels };

/** Why a pool's serviceAllocation leaves a Service out, and what would let it in. */
export type ScopeGap =
  | { readonly kind: "namespace"; readonly namespace: string; readonly serves: readonly string[]; readonly count: number }
  | {
      readonly kind: "labels";
      /** Canonical texts of the selectors; one matching is enough. */
      readonly wanted: readonly string[];
      readonly count: number;
      /** The least change that fulfils one of them: labels to set, as `key=value`, and keys to remove. */
      readonly set: readonly string[];
      readonly remove: readonly string[];
    };

/** Of so many namespaces or selectors the names are kept: a message names no more. */
const shown = 3;

/** Namespaces and labels must both agree. @returns undefined when the pool may serve the Service. */
export function scopeGap(pool: Pool, scoped: Scoped): ScopeGap | undefined {
  if (pool.scope === undefined || mayServe(pool, scoped)) return undefined;
  const { namespaces, serviceSelectors: selectors } = pool.scope;
  const { namespace, labels } = scoped;
  if (namespaces !== undefined && !namespaces.has(namespace)) {
    return { kind: "namespace", namespace, serves: [...namespaces].slice(0, shown), count: namespaces.size };
  }
  const [least] = selectors.map((selector) => changeFor(selector, labels)).sort((a, b) => sizeOf(a) - sizeOf(b));
  const wanted = selectors.slice(0, shown).map(({ text }) => cut(text, 100));
  return { kind: "labels", wanted, count: selectors.length, set: least?.set ?? [], remove: least?.remove ?? [] };
}

/** May the Service have addresses of this pool at all? */
export function mayServe({ scope }: Pool, { namespace, labels }: Scoped): boolean {
  if (scope === undefined) return true;
  if (scope.namespaces !== undefined && !scope.namespaces.has(namespace)) return false;
  return scope.serviceSelectors.length === 0 || matchesAny(scope.serviceSelectors, labels);
}

type Change = { readonly set: readonly string[]; readonly remove: readonly string[] };

function changeFor({ requirements }: Selector, labels: Labels): Change {
  const unmet = requirements.filter((requirement) => !matches({ text: "", requirements: [requirement] }, labels));
  const set = unmet
    .filter(({ operator }) => operator === "In" || operator === "Exists")
    .map(({ key, values }) => `${key}=${values[0] ?? "..."}`);
  const remove = unmet.filter(({ operator }) => operator === "NotIn" || operator === "DoesNotExist").map(({ key }) => key);
  return { set, remove };
}

function sizeOf({ set, remove }: Change): number {
  return set.length + remove.length;
}
