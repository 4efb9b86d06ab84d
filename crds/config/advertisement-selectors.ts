import { compileSelectors, matchesAny, type Selector } from "../selector.ts";
import type { LabelSelector } from "../types/kubernetes.ts";
import type { Finding, ObjectRef } from "./finding.ts";
import type { NodeSet, NodeSets } from "./node-sets.ts";
import { duplicateFindings, selectorFindings } from "./problem.ts";
import { compareText } from "./seniority.ts";
import type { Pool } from "./snapshot.ts";

/** The part of the spec that both kinds of advertisement have. */
type SelectingSpec = {
  readonly ipAddressPools?: readonly string[];
  readonly ipAddressPoolSelectors?: readonly LabelSelector[];
  readonly nodeSelectors?: readonly LabelSelector[];
  readonly serviceSelectors?: readonly LabelSelector[];
};

/** Which pools an advertisement is for. Both lists empty: all pools. */
export type PoolSelection = { readonly names: readonly string[]; readonly selectors: readonly Selector[] };

/** What an advertisement speaks of. */
export type Selected = {
  readonly pools: PoolSelection;
  readonly nodes: NodeSet;
  /** Sorted by text. */
  readonly serviceSelectors: readonly Selector[];
};

/** Reads the selectors of an advertisement; those with a finding are left out. */
export function readSelectors(
  ref: ObjectRef,
  spec: SelectingSpec,
  nodes: NodeSets,
): { readonly selected: Selected; readonly findings: readonly Finding[] } {
  const { ipAddressPools: names = [] } = spec;
  const pools = compileSelectors(spec.ipAddressPoolSelectors);
  const onNodes = compileSelectors(spec.nodeSelectors);
  const services = compileSelectors(spec.serviceSelectors);
  return {
    selected: {
      pools: { names, selectors: pools.selectors },
      nodes: nodes.matching(onNodes.selectors),
      serviceSelectors: services.selectors.toSorted((a, b) => compareText(a.text, b.text)),
    },
    findings: [
      ...duplicateFindings(ref, "spec.ipAddressPools", names),
      ...selectorFindings(ref, "spec.ipAddressPoolSelectors", pools.problems),
      ...selectorFindings(ref, "spec.nodeSelectors", onNodes.problems),
      ...selectorFindings(ref, "spec.serviceSelectors", services.problems),
    ],
  };
}

/** Decides for each pool whether it is selected. Selectors that match no pool select none. */
export function poolFilter({ names, selectors }: PoolSelection): (pool: Pool) => boolean {
  if (names.length === 0 && selectors.length === 0) return () => true;
  const named = new Set(names);
  return ({ name, labels }) => named.has(name) || matchesAny(selectors, labels);
}
