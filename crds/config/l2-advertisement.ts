import { isL2Advertisement } from "../schema.ts";
import { compileSelector, matches, type Selector } from "../selector.ts";
import type { L2AdvertisementSpec } from "../types/l2-advertisement.ts";
import { type PoolSelection, readSelectors } from "./advertisement-selectors.ts";
import { type Draft, draftOf, shapeFindings } from "./draft.ts";
import type { Finding, ObjectRef } from "./finding.ts";
import { identityOf, withoutStatus } from "./identity.ts";
import { interfaceNameFindings } from "./interface-name.ts";
import type { NodeSets } from "./node-sets.ts";
import type { Labelled } from "./pools/allocation-scope.ts";
import { errorIn } from "./problem.ts";
import { compareText } from "./seniority.ts";
import type { L2Advertisement } from "./snapshot.ts";

/** One L2Advertisement by itself, before it is attached to pools. */
export type L2Draft = Draft<L2Meaning>;

export type L2Meaning = {
  readonly advertisement: L2Advertisement;
  readonly pools: PoolSelection;
  /** Everything that it says, the name left out: equal text, equal announcements. Undefined: with preferences, never equal. */
  readonly sameAs: string | undefined;
};

/** Reads one L2Advertisement, whatever `raw` is. */
export function draftL2Advertisement(raw: unknown, nodes: NodeSets): L2Draft {
  const identity = identityOf("L2Advertisement", raw);
  const { ref, name } = identity;
  const object = withoutStatus(raw);
  if (!isL2Advertisement(object) || name === "") {
    return { identity, meaning: undefined, findings: shapeFindings(identity, "v1beta1", object) };
  }
  const spec = object.spec ?? {};
  const { selected, findings: ofSelectors } = readSelectors(ref, spec, nodes);
  const preferences = readPreferences(ref, spec.preferredNodeSelectors ?? []);
  const advertisement: L2Advertisement = {
    name,
    nodes: selected.nodes.names,
    interfaces: [...new Set(spec.interfaces)].sort(),
    serviceSelectors: selected.serviceSelectors,
    scores: scoresOf(selected.nodes.nodes, preferences.weighted),
  };
  const same = [selected.nodes.key, advertisement.interfaces, selected.serviceSelectors.map(({ text }) => text)];
  const sameAs = preferences.weighted.length === 0 ? JSON.stringify(same) : undefined;
  const interfaces = (spec.interfaces ?? []).map((text, index) => ({ field: `spec.interfaces[${index}]`, text }));
  return draftOf(identity, { advertisement, pools: selected.pools, sameAs }, [
    ...ofSelectors,
    ...preferences.findings,
    ...interfaceNameFindings(ref, interfaces),
  ]);
}

type Weighted = { readonly selector: Selector; readonly weight: number };

function readPreferences(
  ref: ObjectRef,
  preferences: NonNullable<L2AdvertisementSpec["preferredNodeSelectors"]>,
): { readonly weighted: readonly Weighted[]; readonly findings: readonly Finding[] } {
  const weighted: Weighted[] = [];
  const findings: Finding[] = [];
  for (const [index, { preference, weight }] of preferences.entries()) {
    const compiled = compileSelector(preference);
    if (compiled.ok) weighted.push({ selector: compiled.selector, weight });
    else findings.push(errorIn(ref, "SelectorInvalid", `spec.preferredNodeSelectors[${index}].preference`, compiled.reason));
  }
  return { weighted, findings };
}

/** Weights of all matching preferences, added up for each node; nodes that match none are left out. */
function scoresOf(nodes: readonly Labelled[], weighted: readonly Weighted[]): ReadonlyMap<string, number> {
  if (weighted.length === 0) return new Map();
  const scores = nodes.map(({ name, labels }): [string, number] => [
    name,
    weighted.reduce((sum, { selector, weight }) => (matches(selector, labels) ? sum + weight : sum), 0),
  ]);
  return new Map(scores.filter(([, score]) => score > 0).sort(([a], [b]) => compareText(a, b)));
}
