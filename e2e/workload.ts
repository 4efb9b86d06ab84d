import { readFileSync } from "node:fs";
import { yamlDocuments } from "../crds/yaml-documents.ts";

/** The part of a container that a lab changes. */
export type Container = {
  readonly name: string;
  readonly env?: readonly object[];
  readonly volumeMounts?: readonly object[];
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly [field: string]: unknown;
};

export type PodSpec = {
  readonly containers: readonly Container[];
  readonly volumes?: readonly object[];
  readonly affinity?: object;
  readonly [field: string]: unknown;
};

/** An object of a manifest. Deployments and DaemonSets have a template. */
export type ManifestObject = {
  readonly kind?: string;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
};

/** All objects of a manifest, in its order. @throws {Error} for a document that is no YAML. */
export function manifestObjects(file: string): readonly ManifestObject[] {
  return yamlDocuments(readFileSync(file, "utf8")).map((document) => {
    if (!document.ok) throw new Error(`${file}:${document.line}: ${document.reason}`);
    return document.value as ManifestObject;
  });
}

/** The same objects, the Pods of Deployments and DaemonSets changed. */
export function withPods(
  objects: readonly ManifestObject[],
  change: (pod: PodSpec, kind: "Deployment" | "DaemonSet") => PodSpec,
): readonly ManifestObject[] {
  return objects.map((object) => {
    const { kind, spec } = object;
    if ((kind !== "Deployment" && kind !== "DaemonSet") || spec?.template === undefined) return object;
    const { template } = spec;
    return { ...object, spec: { ...spec, template: { ...template, spec: change(template.spec, kind) } } };
  });
}

/** The same objects, every container changed. */
export function withContainers(
  objects: readonly ManifestObject[],
  change: (container: Container) => Container,
): readonly ManifestObject[] {
  return withPods(objects, (pod) => ({ ...pod, containers: pod.containers.map(change) }));
}

/** The same objects, DaemonSets on some nodes only. */
export function onNodes(objects: readonly ManifestObject[], nodes: readonly string[]): readonly ManifestObject[] {
  const expression = { key: "kubernetes.io/hostname", operator: "In", values: nodes };
  const required = { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  return withPods(objects, (pod, kind) => (kind === "DaemonSet" ? { ...pod, affinity } : pod));
}

/** The same objects, probed from the first second on, so that a rollout takes less time. */
export function probedOften(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const often = { initialDelaySeconds: 1, periodSeconds: 1 };
  return withContainers(objects, (container) => ({
    ...container,
    ...(container.readinessProbe !== undefined && { readinessProbe: { ...container.readinessProbe, ...often } }),
  }));
}
