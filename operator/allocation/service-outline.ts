import { annotationFields, identityFields } from "../../crds/config/outline.ts";
import type { Service } from "../../crds/types/kubernetes.ts";

/** Leaves of a Service what decisions on its addresses and its announcement read. */
export function outlineOfService({ metadata, spec, status }: Service): Service {
  const { loadBalancer } = status ?? {};
  return {
    metadata: { ...identityFields(metadata), ...(metadata.labels && { labels: metadata.labels }), ...annotationFields(metadata) },
    ...(spec && { spec: spec.type === "LoadBalancer" ? balancedSpec(spec) : { type: spec.type ?? "ClusterIP" } }),
    ...(loadBalancer?.ingress?.length && { status: { loadBalancer } }),
  };
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
