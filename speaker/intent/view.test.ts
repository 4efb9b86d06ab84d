import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { EndpointSlice } from "../../crds/types/kubernetes.ts";
import { endpointViews, nodeView, serviceOfSlice, servicesOfSliceChange, serviceView } from "./view.ts";

const metadata = { name: "web", namespace: "default" };

test("a Service with nothing set is of policy Cluster and has no address", () => {
  deepEqual(serviceView({ metadata }), {
    key: "default/web",
    isLoadBalancer: false,
    labels: {},
    annotations: {},
    externalTrafficPolicy: "Cluster",
    ingress: [],
  });
});

test("a Service's key is its namespace and its name", () => {
  equal(serviceView({ metadata }).key, "default/web");
  equal(serviceView({ metadata: { name: "web" } }).key, "/web");
});

test("ingress entries keep their order, those without an ip as empty text", () => {
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { hostname: "web.example" }] } };
  deepEqual(serviceView({ metadata, status }).ingress, ["192.0.2.1", ""]);
});

test("class and policy are taken from the spec", () => {
  const view = serviceView({ metadata, spec: { type: "LoadBalancer", loadBalancerClass: "x", externalTrafficPolicy: "Local" } });
  deepEqual([view.isLoadBalancer, view.loadBalancerClass, view.externalTrafficPolicy], [true, "x", "Local"]);
});

for (const { conditions, canServe } of [
  { conditions: undefined, canServe: true },
  { conditions: {}, canServe: true },
  { conditions: { ready: true }, canServe: true },
  { conditions: { ready: false }, canServe: false },
  { conditions: { ready: false, serving: true, terminating: true }, canServe: true },
  { conditions: { ready: false, serving: false }, canServe: false },
]) {
  test(`an endpoint with conditions ${JSON.stringify(conditions)} can ${canServe ? "" : "not "}serve`, () => {
    const [view] = endpointViews({ metadata, endpoints: [{ ...(conditions && { conditions }) }] });
    equal(view?.canServe, canServe);
  });
}

test("an endpoint is on its node, or on none that is known", () => {
  deepEqual(endpointViews({ metadata, endpoints: [{ nodeName: "a" }, {}] }), [
    { nodeName: "a", canServe: true },
    { canServe: true },
  ]);
  deepEqual(endpointViews({ metadata }), []);
});

const slice = (service: string | undefined, ready: boolean): EndpointSlice => ({
  metadata: { name: "web-x", namespace: "default", ...(service && { labels: { "kubernetes.io/service-name": service } }) },
  endpoints: [{ nodeName: "a", conditions: { ready } }],
});

test("a slice that changes concerns its Service, before and after", () => {
  deepEqual(servicesOfSliceChange(undefined, slice("web", true)), ["default/web"]);
  deepEqual(servicesOfSliceChange(slice("web", true), slice("web", false)), ["default/web"]);
  deepEqual(servicesOfSliceChange(slice("web", true), slice("other", true)), ["default/web", "default/other"]);
  deepEqual(servicesOfSliceChange(slice("web", true), undefined), ["default/web"]);
});

test("a slice with the same endpoints, or of no Service, concerns nobody", () => {
  deepEqual(servicesOfSliceChange(slice("web", true), slice("web", true)), []);
  deepEqual(servicesOfSliceChange(undefined, slice(undefined, true)), []);
});

test("a slice belongs to the Service of its namespace that its label names", () => {
  deepEqual(serviceOfSlice(slice("web", true)), ["default/web"]);
  deepEqual(serviceOfSlice({ metadata: { name: "web-x", labels: { "kubernetes.io/service-name": "web" } } }), ["/web"]);
  deepEqual(serviceOfSlice({ metadata: { name: "web-x" } }), []);
});

test("only the condition status True counts for a Node", () => {
  const conditions = [
    { type: "NetworkUnavailable", status: "Unknown" },
    { type: "Ready", status: "True" },
  ];
  const view = nodeView({ metadata: { name: "a" }, status: { conditions } });
  deepEqual([view.networkUnavailable, view.ready], [false, true]);
  deepEqual(nodeView({ metadata: { name: "a" } }), { name: "a", labels: {}, networkUnavailable: false, ready: false });
});
