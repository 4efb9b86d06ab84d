import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "../../crds/types/kubernetes.ts";
import { outlineOfService } from "./service-outline.ts";

const metadata = { name: "a", namespace: "n", labels: { app: "x" }, annotations: { "metallb.io/address-pool": "p" } };
const read: NonNullable<Service["spec"]> = {
  type: "LoadBalancer",
  loadBalancerClass: "",
  loadBalancerIP: "10.0.0.1",
  clusterIPs: ["10.96.0.1"],
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
  externalTrafficPolicy: "Local",
  selector: { app: "x" },
};

test("of a load balancer everything is kept that decides on its addresses, and nothing else", () => {
  const whole = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, annotations: { ...metadata.annotations, "example.com/x": "y" }, managedFields: [{}] },
    spec: {
      ...read,
      clusterIP: "10.96.0.1",
      sessionAffinity: "None",
      ports: [{ name: "web", protocol: "TCP", port: 80, nodePort: 30080 }],
    },
    status: { loadBalancer: { ingress: [{ ip: "10.0.0.1", ipMode: "VIP" }] }, conditions: [] },
  };
  deepEqual(outlineOfService(whole as Service), {
    metadata,
    spec: { ...read, ports: [{ protocol: "TCP", port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: "10.0.0.1", ipMode: "VIP" }] } },
  });
});

test("the one cluster address counts where there is no list", () => {
  const spec = { type: "LoadBalancer", clusterIP: "10.96.0.1" } as const;
  deepEqual(outlineOfService({ metadata, spec }), { metadata, spec });
});

test("of a Service of another type its type is kept, and what its status shows", () => {
  const shown = { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } };
  deepEqual(outlineOfService({ metadata, spec: { ...read, type: "NodePort" }, status: shown }), {
    metadata,
    spec: { type: "NodePort" },
    status: shown,
  });
  deepEqual(outlineOfService({ metadata, spec: {}, status: { loadBalancer: {} } }), { metadata, spec: { type: "ClusterIP" } });
  deepEqual(outlineOfService({ metadata }), { metadata });
});
