import { isL2Advertisement, validateObject } from "../schema.ts";
import { compileSelector, compileSelectors, matches, matchesAny, type Selector } from "../selector.ts";
import type { L2AdvertisementSpec } from "../types/l2-advertisement.ts";
import type { Labelled } from "./allocation-scope.ts";
import type { Finding, ObjectRef } from "./finding.ts";
import { type Identity, identityOf, withoutStatus } from "./identity.ts";
import { duplicateFindings, errorIn, schemaFindings, selectorFindings } from "./problem.ts";
import { compareText } from "./seniority.ts";
import type { L2Advertisement } from "./snapshot.ts";

/** One L2Advertisement by itself, before it is attached to pools. */
export type L2Draft = {
  readonly identity: Identity;
  /** Absent when the object has an error. */
  readonly meaning: L2Meaning | undefined;
  readonly findings: readonly Finding[];
};

export type L2Meaning = {
  readonly advertisement: L2Advertisement;
  /** Both empty: all pools. */
  readonly poolNames: readonly string[];
  readonly poolSelectors: readonly Selector[];
  /** Everything that it says, the name left out: equal text, equal announcements. Undefined: with preferences, never equal. */
  readonly sameAs: string | undefined;
};

/** Reads one L2Advertisement, whatever `raw` is. */
export function draftL2Advertisement(raw: unknown, nodes: NodeSets): L2Draft {
  const identity = identityOf("L2Advertisement", raw);
  const { ref, name } = identity;
  const object = withoutStatus(raw);
  if (!isL2Advertisement(object)) {
    return { identity, meaning: undefined, findings: schemaFindings(ref, validateObject("L2Advertisement", "v1beta1", object)) };
  }
  if (name === "") {
    return { identity, meaning: undefined, findings: [errorIn(ref, "SchemaViolation", "metadata.name", "is required")] };
  }
  const spec = object.spec ?? {};
  const { ipAddressPools: poolNames = [], interfaces = [] } = spec;
  const pools = compileSelectors(spec.ipAddressPoolSelectors);
  const onNodes = compileSelectors(spec.nodeSelectors);
  const services = compileSelectors(spec.serviceSelectors);
  const preferences = readPreferences(ref, spec.preferredNodeSelectors ?? []);
  const findings = [
    ...duplicateFindings(ref, "spec.ipAddressPools", poolNames),
    ...selectorFindings(ref, "spec.ipAddressPoolSelectors", pools.problems),
    ...selectorFindings(ref, "spec.nodeSelectors", onNodes.problems),
    ...selectorFindings(ref, "spec.serviceSelectors", services.problems),
    ...preferences.findings,
  ];
  if (findings.length > 0) return { identity, meaning: undefined, findings };
  const serviceSelectors = services.selectors.toSorted((a, b) => compareText(a.text, b.text));
  const selected = nodes.matching(onNodes.selectors);
  const advertisement: L2Advertisement = {
    name,
    nodes: selected.names,
    interfaces: [...new Set(interfaces)].sort(),
    serviceSelectors,
    scores: scoresOf(selected.nodes, preferences.weighted),
  };
  const same = [selected.key, advertisement.interfaces, serviceSelectors.map(({ text }) => text)];
  const sameAs = preferences.weighted.length === 0 ? JSON.stringify(same) : undefined;
  return { identity, meaning: { advertisement, poolNames, poolSelectors: pools.selectors, sameAs }, findings: [] };
}

/** Resolves node selectors; advertisements that select the same nodes share one set. */
export class NodeSets {
  readonly #nodes: readonly Labelled[];
  readonly #bySelectors = new Map<string, NodeSet>();

  constructor(nodes: readonly Labelled[]) {
    this.#nodes = nodes;
  }

  /** The nodes that match one of the selectors; all nodes when there is none. */
  matching(selectors: readonly Selector[]): NodeSet {
    const key = JSON.stringify(selectors.map(({ text }) => text).sort());
    const known = this.#bySelectors.get(key);
    if (known !== undefined) return known;
    const nodes = selectors.length === 0 ? this.#nodes : this.#nodes.filter(({ labels }) => matchesAny(selectors, labels));
    const names = nodes.map(({ name }) => name).sort();
    const set: NodeSet = { nodes, names: new Set(names), key: JSON.stringify(names) };
    this.#bySelectors.set(key, set);
    return set;
  }
}

export type NodeSet = { readonly nodes: readonly Labelled[]; readonly names: ReadonlySet<string>; readonly key: string };

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
