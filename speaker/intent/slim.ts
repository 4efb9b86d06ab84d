import { outlineOfSecret, type SecretOutline } from "../../crds/config/secrets.ts";
import type { EndpointSlice, Node, ObjectBase, ObjectMeta, Pod, Secret, Service } from "../../crds/types/kubernetes.ts";
import { annotations, deprecatedPrefix, heraldAnnotations, labels } from "../../crds/types/well-known.ts";
import { type CountedEndpoint, endpointViews } from "./view.ts";

/*
 * What is kept of each object. On a node of a large cluster this is most of a speaker's memory, so that nothing is kept
 * that no decision reads.
 */

/** Shared by all endpoints of all slices. */
const serving = { ready: true };
const notServing = { ready: false };

/** Shared by all objects that have no label or annotation of the kind. */
const none: Readonly<Record<string, string>> = Object.freeze({});

type Spec = NonNullable<Service["spec"]>;

/** What nearly all Services have. */
const usualSpecs: Readonly<Record<"Cluster" | "Local", Spec>> = {
  Cluster: { type: "LoadBalancer", externalTrafficPolicy: "Cluster" },
  Local: { type: "LoadBalancer", externalTrafficPolicy: "Local" },
};

/** A Service that is no load balancer keeps its name only. */
export function slimService({ metadata, spec, status }: Service): Service {
  if (spec?.type !== "LoadBalancer") return { metadata: identityOf(metadata) };
  const kept = pick(metadata.annotations, (key) => key === annotations.allowSharedIP || key.startsWith(deprecatedPrefix));
  return {
    metadata: { ...withLabels(metadata, metadata.labels ?? none), annotations: kept },
    spec: slimSpec(spec),
    status: { loadBalancer: { ingress: (status?.loadBalancer?.ingress ?? []).map(({ ip = "" }) => ({ ip })) } },
  };
}

function slimSpec({ loadBalancerClass, externalTrafficPolicy }: Spec): Spec {
  const isUsual = externalTrafficPolicy === "Cluster" || externalTrafficPolicy === "Local";
  if (isUsual && loadBalancerClass === undefined) return usualSpecs[externalTrafficPolicy];
  return {
    type: "LoadBalancer",
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    ...(externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
  };
}

/** Endpoints of one node and one state are kept once, without their addresses, and with their number where it is not one. */
export function slimSlice(slice: EndpointSlice): EndpointSlice {
  const { metadata } = slice;
  const distinct = new Map<string, CountedEndpoint>();
  for (const { nodeName, canServe } of endpointViews(slice)) {
    const key = `${nodeName ?? ""} ${canServe}`;
    const same = distinct.get(key);
    const conditions = canServe ? serving : notServing;
    const one = same ?? (nodeName === undefined ? { conditions } : { nodeName, conditions });
    distinct.set(key, same === undefined ? one : { ...one, count: (same.count ?? 1) + 1 });
  }
  const kept = pick(metadata.labels, (key) => key === labels.serviceOfEndpointSlice);
  return { metadata: withLabels(metadata, kept), endpoints: [...distinct.values()] };
}

/** Labels, address, drain, and the two conditions that candidates depend on; heartbeats leave no trace. */
export function slimNode({ metadata, status }: Node): Node {
  const conditions = (status?.conditions ?? [])
    .filter(({ type }) => type === "Ready" || type === "NetworkUnavailable")
    .map(({ type, status: value }) => ({ type, status: value }));
  const addresses = (status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  const kept = pick(metadata.annotations, (key) => key === heraldAnnotations.drain);
  return {
    metadata: { ...identityOf(metadata), labels: metadata.labels ?? {}, annotations: kept },
    status: { conditions, addresses },
  };
}

export function slimNamespace({ metadata }: ObjectBase): ObjectBase {
  return { metadata: { ...identityOf(metadata), labels: metadata.labels ?? {} } };
}

/** A speaker's Pod. */
export function slimPod({ metadata, spec, status }: Pod): Pod {
  const { deletionTimestamp } = metadata;
  const { phase, podIP, conditions, containerStatuses } = status ?? {};
  return {
    metadata: {
      ...identityOf(metadata),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      annotations: pick(metadata.annotations, (key) => key === heraldAnnotations.generation),
    },
    spec: { ...(spec?.nodeName !== undefined && { nodeName: spec.nodeName }) },
    status: {
      ...(phase !== undefined && { phase }),
      ...(podIP !== undefined && { podIP }),
      conditions: (conditions ?? []).filter(({ type }) => type === "Ready"),
      ...(containerStatuses !== undefined && { containerStatuses: containerStatuses.map(({ state }) => runningOnly(state)) }),
    },
  };
}

/** Its type, the names of its keys and how long their values are: values never stay in memory. */
export function slimSecret({ metadata, ...rest }: Secret): SecretOutline {
  return outlineOfSecret({ ...rest, metadata: identityOf(metadata) });
}

/** Configuration is kept whole but for the API server's own bookkeeping. */
export function slimConfiguration<T extends ObjectBase>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as ObjectMeta & { readonly managedFields?: unknown };
  return { ...object, metadata };
}

function runningOnly(state: { readonly running?: object } | undefined): { readonly state?: { readonly running?: object } } {
  return { state: state?.running === undefined ? {} : { running: {} } };
}

function identityOf({ name, namespace, uid, resourceVersion }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

/** In one piece: what is added to an object that is there already takes as much as all the rest. */
function withLabels({ name, namespace, uid, resourceVersion }: ObjectMeta, own: NonNullable<ObjectMeta["labels"]>): ObjectMeta {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    labels: own,
  };
}

function pick(
  map: Readonly<Record<string, string>> | undefined,
  wanted: (key: string) => boolean,
): Readonly<Record<string, string>> {
  const [first, ...others] = Object.entries(map ?? none).filter(([key]) => wanted(key));
  if (first === undefined) return none;
  const [key, value] = first;
  return others.length === 0 ? { [key]: value } : Object.fromEntries([first, ...others]);
}
