import { compileSelectors, matchesAny } from "../../selector.ts";
import type { IPAddressPoolSpec } from "../../types/ip-address-pool.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { duplicateFindings, selectorFindings } from "../problem.ts";
import type { AllocationScope } from "../snapshot.ts";

/** A namespace or node: its name and labels. */
export type Labelled = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

const field = "spec.serviceAllocation";

/**
 * The meaning of `spec.serviceAllocation`. Namespace selectors that match no namespace leave an empty set, which matches
 * nothing; MetalLB opens such a pool to everyone.
 */
export function compileScope(
  pool: ObjectRef,
  allocation: NonNullable<IPAddressPoolSpec["serviceAllocation"]>,
  namespaces: readonly Labelled[],
): { readonly scope: AllocationScope; readonly findings: readonly Finding[] } {
  const { priority = 0, namespaces: names = [] } = allocation;
  const namespaceSelectors = compileSelectors(allocation.namespaceSelectors);
  const serviceSelectors = compileSelectors(allocation.serviceSelectors);
  const everywhere = names.length === 0 && (allocation.namespaceSelectors ?? []).length === 0;
  const matching = namespaces.filter(({ labels }) => matchesAny(namespaceSelectors.selectors, labels));
  return {
    scope: {
      priority: priority > 0 ? priority : Number.POSITIVE_INFINITY,
      ...(everywhere ? {} : { namespaces: new Set([...names, ...matching.map(({ name }) => name)].sort()) }),
      serviceSelectors: serviceSelectors.selectors,
    },
    findings: [
      ...duplicateFindings(pool, `${field}.namespaces`, names),
      ...selectorFindings(pool, `${field}.namespaceSelectors`, namespaceSelectors.problems),
      ...selectorFindings(pool, `${field}.serviceSelectors`, serviceSelectors.problems),
    ],
  };
}

/** Whether the meaning of some of these pools depends on which namespaces there are and how they are labelled. Total. */
export function selectsNamespaces(pools: readonly unknown[]): boolean {
  return pools.some((pool) => {
    const allocation = property(property(pool, "spec"), "serviceAllocation");
    return listOf(property(allocation, "namespaceSelectors")).length > 0;
  });
}
