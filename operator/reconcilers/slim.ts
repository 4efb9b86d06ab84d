import { outlineOfSecret, type SecretOutline } from "../../crds/config/secrets.ts";
import type { Namespace, Node, ObjectBase, ObjectMeta, Pod, Secret, Service } from "../../crds/types/kubernetes.ts";
import { apiGroup, deprecatedPrefix, heraldAnnotations } from "../../crds/types/well-known.ts";

type Texts = Readonly<Record<string, string>>;

/** The fields of a Service that allocation reads. */
export function slimService({ metadata, spec, status }: Service): Service {
  return {
    metadata: { ...identity(metadata), ...(metadata.labels && { labels: metadata.labels }), ...ours(metadata.annotations) },
    ...(spec && { spec: isBalanced(spec.type) ? balancedSpec(spec) : { type: spec.type ?? "ClusterIP" } }),
    ...(status?.loadBalancer?.ingress?.length && { status: { loadBalancer: status.loadBalancer } }),
  };
}

/** Name and labels: what selectors look at. */
export function slimNamespace({ metadata }: Namespace): Namespace {
  return { metadata: { ...identity(metadata), ...(metadata.labels && { labels: metadata.labels }) } };
}

/** Name and labels, as for a Namespace, and addresses; a Node's heartbeats are of no interest. */
export function slimNode({ metadata, status }: Node): Node {
  const addresses = status?.addresses?.filter(({ type }) => type === "InternalIP" || type === "ExternalIP");
  return {
    metadata: { ...identity(metadata), ...(metadata.labels && { labels: metadata.labels }) },
    ...(addresses?.length && { status: { addresses } }),
  };
}

/** Whose Pod it is and whether it runs. */
export function slimPod({ metadata, status }: Pod): Pod {
  const generation = metadata.annotations?.[heraldAnnotations.generation];
  return {
    metadata: {
      ...identity(metadata),
      ...(metadata.labels && { labels: metadata.labels }),
      ...(generation !== undefined && { annotations: { [heraldAnnotations.generation]: generation } }),
    },
    ...(status?.phase !== undefined && { status: { phase: status.phase } }),
  };
}

/** Field selector of Secrets that may hold a password: Helm keeps every release of a chart in one of up to a megabyte. */
export const passwordSecrets = "type!=helm.sh/release.v1";

/** Its type and the names of its keys: values never stay in memory. */
export function slimSecret({ metadata, ...rest }: Secret): SecretOutline {
  return outlineOfSecret({ ...rest, metadata: identity(metadata) });
}

/** A configuration object without managedFields and the annotation in which kubectl keeps the object a second time. */
export function slimConfiguration<T extends ObjectBase>(object: T): T {
  const { metadata } = object;
  const slim = {
    ...identity(metadata),
    ...(metadata.labels && { labels: metadata.labels }),
    ...ours(metadata.annotations),
    ...(metadata.ownerReferences && { ownerReferences: metadata.ownerReferences }),
  };
  return { ...object, metadata: slim };
}

function isBalanced(type: string | undefined): boolean {
  return type === "LoadBalancer";
}

function balancedSpec(spec: NonNullable<Service["spec"]>): NonNullable<Service["spec"]> {
  const { type, loadBalancerClass, loadBalancerIP, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = spec;
  const { externalTrafficPolicy, selector } = spec;
  const ports = spec.ports?.map(({ protocol, port }) => ({ ...(protocol && { protocol }), port }));
  return {
    ...(type && { type }),
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    ...(loadBalancerIP !== undefined && { loadBalancerIP }),
    ...(clusterIPs ? { clusterIPs } : clusterIP !== undefined && { clusterIP }),
    ...(ipFamilies && { ipFamilies }),
    ...(ipFamilyPolicy && { ipFamilyPolicy }),
    ...(externalTrafficPolicy && { externalTrafficPolicy }),
    ...(selector && { selector }),
    ...(ports && { ports }),
  };
}

function identity(metadata: ObjectMeta): ObjectMeta {
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

/** The annotations with MetalLB's or Herald's prefix. */
function ours(annotations: Texts | undefined): { readonly annotations?: Texts } {
  const entries = Object.entries(annotations ?? {}).filter(
    ([key]) => key.startsWith(apiGroup) || key.startsWith(deprecatedPrefix) || key.startsWith("herald-lb.io/"),
  );
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}
