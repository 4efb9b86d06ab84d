import type { Namespace, Node, ObjectMeta } from "../types/kubernetes.ts";
import { apiGroup, deprecatedPrefix, heraldPrefix } from "../types/well-known.ts";

/** Of an object's metadata what tells which object it is, and which version. */
export function identityFields(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
}

/** Of an object's annotations those that MetalLB or Herald reads or writes. */
export function annotationFields({ annotations }: ObjectMeta): Pick<ObjectMeta, "annotations"> {
  const prefixes = [apiGroup, deprecatedPrefix, heraldPrefix];
  const entries = Object.entries(annotations ?? {}).filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}

/** Leaves of a Namespace what compile reads: name and labels, which selectors look at. */
export function outlineOfNamespace({ metadata }: Namespace): Namespace {
  return { metadata: { ...identityFields(metadata), ...(metadata.labels && { labels: metadata.labels }) } };
}

/** Leaves of a Node what compile and advise read: name, labels and the addresses at which it is reached. */
export function outlineOfNode({ metadata, status }: Node): Node {
  const addresses = status?.addresses?.filter(({ type }) => type === "InternalIP" || type === "ExternalIP");
  return {
    metadata: { ...identityFields(metadata), ...(metadata.labels && { labels: metadata.labels }) },
    ...(addresses?.length && { status: { addresses } }),
  };
}
