import { formatAddress } from "../../../crds/net/address.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { annotations } from "../../../crds/types/well-known.ts";
import { type Allocator, olderFirst } from "../allocator.ts";
import type { Verdict } from "../verdict.ts";

type Spec = NonNullable<Service["spec"]>;

/** What a test wants to be special about a Service. */
export type ServiceChanges = {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly created?: string;
  readonly spec?: Spec;
  /** Addresses that its status shows. */
  readonly published?: readonly string[];
};

/** A single-stack IPv4 LoadBalancer Service in namespace `default` with port 80. */
export function service(name: string, changes: ServiceChanges = {}): Service {
  const published = changes.published ?? [];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: changes.namespace ?? "default",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: changes.created ?? "2026-01-01T00:00:00Z",
      labels: changes.labels ?? {},
      annotations: changes.annotations ?? {},
    },
    spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.1"], ports: [{ protocol: "TCP", port: 80 }], ...changes.spec },
    status: { loadBalancer: { ingress: published.map((ip) => ({ ip })) } },
  };
}

/** Spec of a dual-stack Service. */
export function dualStack(policy: "PreferDualStack" | "RequireDualStack"): Spec {
  return { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: policy };
}

/** The Service as the API would hold it once the verdict is written. */
export function withVerdict(of: Service, verdict: Verdict): Service {
  if (verdict.outcome === "ignore") return of;
  const given = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict : undefined;
  const { [annotations.ipAllocatedFromPool]: _, ...others } = of.metadata.annotations ?? {};
  const recorded = given === undefined ? others : { ...others, [annotations.ipAllocatedFromPool]: given.pool };
  const ingress = (given?.addresses ?? []).map((address) => ({ ip: formatAddress(address) }));
  return { ...of, metadata: { ...of.metadata, annotations: recorded }, status: { loadBalancer: { ingress } } };
}

/** A verdict in a form that tests can compare at a glance: outcome, addresses, codes of what was lost and is unmet. */
export function summary(verdict: Verdict): string {
  if (verdict.outcome === "ignore") return ["ignore", ...verdict.unmet.map(({ code }) => `unmet:${code}`)].join(" ");
  const given = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict : undefined;
  const parts = [
    verdict.outcome,
    ...(given === undefined ? [] : [given.addresses.map(formatAddress).join(","), `from ${given.pool}`]),
    ...verdict.lost.map(({ code }) => `lost:${code}`),
    ...verdict.unmet.map(({ code }) => `unmet:${code}`),
  ];
  return parts.join(" ");
}

/** Adopts in the order that the operator uses. */
export function adoptAll(allocator: Allocator, services: readonly Service[]): void {
  for (const each of services.toSorted(olderFirst)) allocator.adopt(each);
}
