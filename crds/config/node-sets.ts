import { matchesAny, type Selector } from "../selector.ts";
import type { Labelled } from "./pools/allocation-scope.ts";

/** Nodes that a list of selectors chooses. */
export type NodeSet = { readonly nodes: readonly Labelled[]; readonly names: ReadonlySet<string>; readonly key: string };

/** Resolves node selectors; objects that select by the same selectors share one set. */
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

  /** The nodes in both sets. Undefined while no node is known at all: then any two may turn out to share one. */
  shared(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> | undefined {
    if (this.#nodes.length === 0) return undefined;
    return new Set([...a].filter((name) => b.has(name)));
  }
}
