import { outlineOfSecret, type SecretOutline } from "../../crds/config/secrets.ts";
import type { Namespace, Node, ObjectBase, ObjectMeta, Pod, Secret, Service } from "../../crds/types/kubernetes.ts";
import { apiGroup, deprecatedPrefix } from "../../crds/types/well-known.ts";
import { slimNode as slimSpeakerNode, slimPod as slimSpeakerPod } from "../../speaker/intent/slim.ts";
import { hasOwnConditions } from "./service-conditions.ts";
import { excludeFlags, isSpeaker } from "./speaker-pods.ts";

type Texts = Readonly<Record<string, string>>;

/** The fields of a Service that allocation and announcement read. */
export function slimService(service: Service): Service {
  const { metadata, spec } = service;
  const status = slimStatus(service);
  return {
    metadata: { ...identity(metadata), ...(metadata.labels && { labels: metadata.labels }), ...ours(metadata.annotations) },
    ...(spec && { spec: isBalanced(spec.type) ? balancedSpec(spec) : { type: spec.type ?? "ClusterIP" } }),
    ...(status && { status }),
  };
}

/** Conditions of others are kept beside ours, since who writes one writes the list. */
function slimStatus(service: Service): Service["status"] {
  const { loadBalancer, conditions } = service.status ?? {};
  const hasAddresses = (loadBalancer?.ingress ?? []).length > 0;
  const keepsConditions = conditions?.length && (isBalanced(service.spec?.type) || hasOwnConditions(service));
  if (!hasAddresses && !keepsConditions) return undefined;
  return { ...(hasAddresses && loadBalancer && { loadBalancer }), ...(keepsConditions && { conditions }) };
}

/** Name and labels: what selectors look at. */
export function slimNamespace({ metadata }: Namespace): Namespace {
  return { metadata: { ...identity(metadata), ...(metadata.labels && { labels: metadata.labels }) } };
}

/** What speakers decide on, and addresses; a Node's heartbeats are of no interest. */
export function slimNode(node: Node): Node {
  const addresses = node.status?.addresses?.filter(({ type }) => type === "InternalIP" || type === "ExternalIP");
  const slim = slimSpeakerNode(node);
  return addresses?.length ? { ...slim, status: { ...slim.status, addresses } } : slim;
}

/** Whose Pod it is and whether it runs; of a speaker's, also where, and the flag that the speakers' decisions depend on. */
export function slimPod(pod: Pod): Pod {
  const { metadata, spec, status } = slimSpeakerPod(pod);
  const { labels } = pod.metadata;
  const args = isSpeaker(pod) ? excludeFlags(pod) : [];
  return {
    metadata: { ...metadata, ...(labels && { labels }) },
    spec: { ...spec, ...(args.length > 0 && { containers: [{ args }] }) },
    ...(status && { status }),
  };
}

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
