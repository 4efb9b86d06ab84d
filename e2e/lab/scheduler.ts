import type { ApiClient } from "./api-client.ts";
import type { Node, NodeSelectorTerm, Pod, Requirement } from "./objects.ts";

/**
 * Chooses a node for a Pod: required node affinity, nodeSelector and taints hold; of the rest the node with the fewest
 * pods of the same owner, then the fewest pods, then the first by name.
 * @returns undefined when no node fits.
 */
export function chooseNode(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): string | undefined {
  const owner = ownerOf(pod);
  const rank = (node: Node): readonly [number, number] => {
    const here = pods.filter(
      (other) => other.spec.nodeName === node.metadata.name && other.metadata.deletionTimestamp === undefined,
    );
    return [here.filter((other) => owner !== undefined && ownerOf(other) === owner).length, here.length];
  };
  const ranked = nodes
    .filter((node) => fits(pod, node))
    .map((node) => ({ name: node.metadata.name, rank: rank(node) }))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || (a.name < b.name ? -1 : 1));
  return ranked[0]?.name;
}

/** Tells the API server where a Pod runs. */
export async function bind(api: ApiClient, pod: Pod, node: string): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  await api.create(`/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name, namespace, uid },
    target: { apiVersion: "v1", kind: "Node", name: node },
  });
}

function ownerOf(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.[0]?.uid;
}

function fits(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const selected = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  return selected && tolerates(pod, node) && (terms === undefined || terms.some((term) => termMatches(term, node)));
}

function termMatches(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = (term.matchExpressions ?? []).every((one) => matches(one, node.metadata.labels?.[one.key]));
  return expressions && (term.matchFields ?? []).every((one) => matches(one, node.metadata.name));
}

function matches({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
  }
  return false;
}

function tolerates(pod: Pod, node: Node): boolean {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  return taints.every((taint) =>
    (pod.spec.tolerations ?? []).some(
      ({ key, operator = "Equal", value = "", effect }) =>
        (key === undefined || key === taint.key) &&
        (effect === undefined || effect === "" || effect === taint.effect) &&
        (operator === "Exists" || value === (taint.value ?? "")),
    ),
  );
}
