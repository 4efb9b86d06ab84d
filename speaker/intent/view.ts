import type { Endpoint, EndpointSlice, Node, Service } from "../../crds/types/kubernetes.ts";
import { labels } from "../../crds/types/well-known.ts";
import type { EndpointView, NodeView, ServiceView } from "./cluster.ts";

/** What announcements depend on in a Service. */
export function serviceView({ metadata, spec, status }: Service): ServiceView {
  const { loadBalancerClass } = spec ?? {};
  return {
    key: `${metadata.namespace ?? ""}/${metadata.name}`,
    isLoadBalancer: spec?.type === "LoadBalancer",
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    externalTrafficPolicy: spec?.externalTrafficPolicy === "Local" ? "Local" : "Cluster",
    ingress: (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ""),
  };
}

/** A slice, or one that is cut down: with endpoints that stand for several. */
type CountedSlice = Omit<EndpointSlice, "endpoints"> & { readonly endpoints?: readonly CountedEndpoint[] };
export type CountedEndpoint = Endpoint & { readonly count?: number };

/** What announcements depend on in the endpoints of one slice. Ready counts when it is absent; terminating is not asked. */
export function endpointViews({ endpoints }: CountedSlice): readonly EndpointView[] {
  return (endpoints ?? []).map(({ nodeName, conditions, count }) => ({
    ...(nodeName !== undefined && { nodeName }),
    canServe: (conditions?.ready ?? true) || conditions?.serving === true,
    ...(count !== undefined && { count }),
  }));
}

/** The Service, as `namespace/name`, that a slice belongs to: one, or none. */
export function serviceOfSlice({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[labels.serviceOfEndpointSlice];
  return name === undefined ? [] : [`${metadata.namespace ?? ""}/${name}`];
}

/** The Services whose endpoints are others than before, now that a slice has changed; undefined: it was, or is, not there. */
export function servicesOfSliceChange(before: EndpointSlice | undefined, after: EndpointSlice | undefined): readonly string[] {
  const contentOf = (slice: EndpointSlice): string => JSON.stringify([serviceOfSlice(slice), slice.endpoints]);
  if (before !== undefined && after !== undefined && contentOf(before) === contentOf(after)) return [];
  return [...new Set([before, after].flatMap((slice) => (slice === undefined ? [] : serviceOfSlice(slice))))];
}

/** What announcements depend on in a Node. */
export function nodeView({ metadata, status }: Node): NodeView {
  const isTrue = (wanted: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === wanted && condition.status === "True");
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    networkUnavailable: isTrue("NetworkUnavailable"),
    ready: isTrue("Ready"),
  };
}
