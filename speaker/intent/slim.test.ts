import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EndpointSlice, Pod, Service } from "../../crds/types/kubernetes.ts";
import { servingOn } from "./endpoints.ts";
import { slimConfiguration, slimNamespace, slimNode, slimPod, slimSecret, slimService, slimSlice } from "./slim.ts";
import { endpointViews, serviceView } from "./view.ts";

const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "7" };

test("what announcements depend on in a Service is the same of the slim one", () => {
  const service: Service = {
    metadata: { ...metadata, labels: { a: "b" }, annotations: { "metallb.io/allow-shared-ip": "x", "kubectl/last": "y" } },
    spec: { type: "LoadBalancer", loadBalancerClass: "c", externalTrafficPolicy: "Local", selector: { app: "web" } },
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { hostname: "h" }] } },
  };
  const { annotations: _, ...view } = serviceView(service);
  const { annotations, ...slim } = serviceView(slimService(service));
  deepEqual(slim, view);
  deepEqual(annotations, { "metallb.io/allow-shared-ip": "x" });
});

test("a Service without labels, annotations and status is slim with none of them", () => {
  deepEqual(slimService({ metadata: { name: "web" }, spec: { type: "LoadBalancer" } }), {
    metadata: { name: "web", labels: {}, annotations: {} },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: [] } },
  });
});

test("annotations under the former prefix are kept, and of the others the one that is read", () => {
  const annotations = { "metallb.universe.tf/allow-shared-ip": "x", "metallb.io/ip-allocated-from-pool": "p" };
  const slim = slimService({ metadata: { ...metadata, annotations }, spec: { type: "LoadBalancer" } });
  deepEqual(slim.metadata.annotations, { "metallb.universe.tf/allow-shared-ip": "x" });
});

test("of a Service that is no load balancer only the identity is kept", () => {
  deepEqual(slimService({ metadata: { ...metadata, labels: { a: "b" } }, spec: { type: "ClusterIP" } }), { metadata });
});

test("of a Secret its type, the names of its keys and the lengths of their values are kept, and no value", () => {
  const secret = { metadata: { ...metadata, labels: { a: "b" } }, type: "Opaque", data: { password: "c2VjcmV0" } };
  deepEqual(slimSecret(secret), { metadata, type: "Opaque", octets: { password: 6 } });
});

test("a slim slice has the same serving nodes, each once, with as many endpoints", () => {
  const endpoint = fc.record(
    {
      nodeName: fc.constantFrom("n1", "n2"),
      addresses: fc.constant(["10.0.0.1"]),
      conditions: fc.record({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 20 }), (endpoints) => {
      const slice: EndpointSlice = {
        metadata: { ...metadata, labels: { "kubernetes.io/service-name": "web", other: "x" } },
        endpoints,
      };
      const distinct = (views: ReturnType<typeof endpointViews>): readonly string[] =>
        [...new Set(views.map((view) => JSON.stringify([view.nodeName, view.canServe])))].sort();
      const slim = slimSlice(slice);
      deepEqual(distinct(endpointViews(slim)), distinct(endpointViews(slice)));
      equal(slim.endpoints?.length, distinct(endpointViews(slice)).length);
      equal(servingOn("n1", endpointViews(slim)), servingOn("n1", endpointViews(slice)));
      deepEqual(slim.metadata.labels, { "kubernetes.io/service-name": "web" });
    }),
  );
});

test("endpoints without a node are kept apart from those of a node, and a slice may have no namespace", () => {
  const endpoints = [{ conditions: { ready: false } }, { nodeName: "n1", conditions: { ready: false } }, {}];
  deepEqual(slimSlice({ metadata: { name: "web-x" }, endpoints }), {
    metadata: { name: "web-x", labels: {} },
    endpoints: [
      { conditions: { ready: false } },
      { nodeName: "n1", conditions: { ready: false } },
      { conditions: { ready: true } },
    ],
  });
});

const drain = { "herald-lb.io/drain": "" };

test("of a Node its labels are kept and what candidates depend on, so that a heartbeat changes nothing", () => {
  const beat = (at: string) => [
    { type: "MemoryPressure", status: "False", lastHeartbeatTime: at },
    { type: "NetworkUnavailable", status: "False", lastHeartbeatTime: at },
    { type: "Ready", status: "True", lastHeartbeatTime: at },
  ];
  const node = (at: string) => ({
    metadata: { name: "a", uid: "u", labels: { rack: "1" }, annotations: { volumes: "x", ...drain } },
    spec: { unschedulable: true },
    status: { conditions: beat(at), addresses: [{ type: "InternalIP", address: "192.0.2.9" }] },
  });
  const conditions = [
    { type: "NetworkUnavailable", status: "False" },
    { type: "Ready", status: "True" },
  ];
  deepEqual(slimNode(node("00:00")), {
    metadata: { name: "a", uid: "u", labels: { rack: "1" }, annotations: drain },
    status: { conditions, addresses: [{ type: "InternalIP", address: "192.0.2.9" }] },
  });
  deepEqual(slimNode(node("00:01")), slimNode(node("00:00")));
  const bare = { metadata: { name: "a", labels: {}, annotations: {} }, status: { conditions: [], addresses: [] } };
  deepEqual(slimNode({ metadata: { name: "a" } }), bare);
});

test("of a Namespace its labels are kept", () => {
  deepEqual(slimNamespace({ metadata: { name: "prod", labels: { team: "a" }, annotations: { note: "x" } } }), {
    metadata: { name: "prod", labels: { team: "a" } },
  });
  deepEqual(slimNamespace({ metadata: { name: "prod" } }), { metadata: { name: "prod", labels: {} } });
});

test("of a speaker's Pod its node is kept, whose it is, and whether it lives, is ready or leaves", () => {
  const generation = { "herald-lb.io/generation": "1" };
  const pod: Pod = {
    metadata: {
      ...metadata,
      deletionTimestamp: "2026-01-01T00:00:00Z",
      labels: { app: "metallb" },
      annotations: { ...generation, "prometheus.io/port": "7472" },
    },
    spec: { nodeName: "a", hostNetwork: true },
    status: {
      phase: "Running",
      podIP: "192.0.2.9",
      conditions: [
        { type: "Initialized", status: "True" },
        { type: "Ready", status: "False" },
      ],
      containerStatuses: [{ state: { running: { startedAt: "2026-01-01T00:00:00Z" } } }, { state: {} }, {}],
    },
  };
  deepEqual(slimPod(pod), {
    metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z", annotations: generation },
    spec: { nodeName: "a" },
    status: {
      phase: "Running",
      podIP: "192.0.2.9",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [{ state: { running: {} } }, { state: {} }, { state: {} }],
    },
  });
});

test("a Pod that is not placed yet is slim with nothing", () => {
  const slim = { metadata: { name: "speaker-x", annotations: {} }, spec: {}, status: { conditions: [] } };
  deepEqual(slimPod({ metadata: { name: "speaker-x" } }), slim);
});

test("configuration is kept whole, without who wrote which field", () => {
  const pool = { metadata: { ...metadata, generation: 2 }, spec: { addresses: ["192.0.2.0/24"] } };
  const stored = { ...pool, metadata: { ...pool.metadata, managedFields: [{ manager: "kubectl" }] } };
  deepEqual(slimConfiguration(stored), pool);
});
