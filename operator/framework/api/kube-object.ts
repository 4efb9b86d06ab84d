import type { ObjectBase } from "../../../crds/types/kubernetes.ts";

/** A Kubernetes API resource type: where its objects live. */
export type ResourceType = {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
};

/** Absent namespace: cluster-scoped. */
export type ObjectKey = { readonly namespace?: string; readonly name: string };

/** Any object, as far as every kind is alike. */
export type KubeObject = ObjectBase;

/** `namespace/name`, or `name` alone: the key of queues, stores and logs. */
export function keyText(key: ObjectKey): string {
  return key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;
}

/** Inverse of {@link keyText}. */
export function parseKeyText(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The key of an object. */
export function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? { name } : { namespace, name };
}
