import type { KubeObject } from "../operator/framework/api/kube-object.ts";

export type BenchEndpoint = { readonly address: string; readonly node?: string; readonly ready: boolean };

/** An EndpointSlice as a user writes one for a Service without a selector: nobody else has a hand in it. */
export function endpointSlice(service: string, endpoints: readonly BenchEndpoint[]): KubeObject {
  const metadata = { name: `${service}-bench`, namespace: "default", labels: { "kubernetes.io/service-name": service } };
  const written = endpoints.map(({ address, node, ready }) => ({
    addresses: [address],
    conditions: { ready },
    ...(node !== undefined && { nodeName: node }),
  }));
  const slice = { metadata, addressType: "IPv4", endpoints: written, ports: [{ port: 8080 }] };
  return slice;
}
