import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { endpointViews, nodeView, serviceView } from "./view.ts";

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

test("only the condition status True counts for a Node", () => {
  const conditions = [
    { type: "NetworkUnavailable", status: "Unknown" },
    { type: "Ready", status: "True" },
  ];
  const view = nodeView({ metadata: { name: "a" }, status: { conditions } });
  deepEqual([view.networkUnavailable, view.ready], [false, true]);
  equal(nodeView({ metadata: { name: "a" } }).ready, false);
});
