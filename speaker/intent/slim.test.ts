import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EndpointSlice, Service } from "../../crds/types/kubernetes.ts";
import { slimSecret, slimService, slimSlice } from "./slim.ts";
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

test("of a Service that is no load balancer only the identity is kept", () => {
  deepEqual(slimService({ metadata: { ...metadata, labels: { a: "b" } }, spec: { type: "ClusterIP" } }), { metadata });
});

test("of a Secret its type and the names of its keys are kept, and no value", () => {
  const secret = { metadata: { ...metadata, labels: { a: "b" } }, type: "Opaque", data: { password: "c2VjcmV0" } };
  deepEqual(slimSecret(secret), { metadata, type: "Opaque", keys: ["password"] });
});

test("a slim slice has the same serving nodes, each once", () => {
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
      deepEqual(slim.metadata.labels, { "kubernetes.io/service-name": "web" });
    }),
  );
});
