import { deepEqual, equal } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { service } from "../../allocation/fake/services.ts";
import { AnnouncingCluster } from "../fake/announcing-cluster.ts";
import { namespace } from "../fake/cluster.ts";

let cluster: AnnouncingCluster;
beforeEach(async () => {
  cluster = new AnnouncingCluster();
  cluster.putPool("p", ["10.0.0.0/24"]);
  cluster.putPool("q", ["10.1.0.0/24"], { autoAssign: false });
  for (const node of ["a", "b", "c"]) cluster.putNode(node, { labels: { node } });
  cluster.putAdvertisement("for-p", { ipAddressPools: ["p"], nodeSelectors: [{ matchLabels: { node: "a" } }] });
  cluster.putAdvertisement("for-q", { ipAddressPools: ["q"], nodeSelectors: [{ matchLabels: { node: "b" } }] });
  cluster.api.put(resourceTypes.services, service("in-p"));
  cluster.api.put(resourceTypes.services, service("in-q", { annotations: { "metallb.io/address-pool": "q" } }));
  cluster.api.put(resourceTypes.services, { ...service("inner"), spec: { type: "ClusterIP" } });
  for (const name of ["in-p", "in-q", "inner"]) cluster.putEndpoints(name, ["a", "b"]);
  await cluster.start();
  await cluster.run(10_000);
  cluster.looks.length = 0;
});
afterEach(() => cluster.close());

async function looks(): Promise<readonly string[]> {
  await cluster.run(10_000);
  return [...new Set(cluster.looks)].sort();
}

test("a change of endpoints concerns their Service alone", async () => {
  cluster.putEndpoints("in-q", ["a"]);
  deepEqual(await looks(), ["default/in-q"]);
});

test("the endpoints of a Service that is no load balancer concern nobody", async () => {
  cluster.putEndpoints("inner", ["c"]);
  deepEqual(await looks(), []);
});

test("the loss of a node concerns the Services that rest on it", async () => {
  cluster.putNode("b", { ready: false, labels: { node: "b" } });
  deepEqual(await looks(), ["default/in-q"]);
});

test("the loss of a speaker concerns the Services that rest on its node", async () => {
  cluster.putSpeaker("a", false);
  deepEqual(await looks(), ["default/in-p"]);
});

test("nothing concerns a Service that was deleted", async () => {
  cluster.api.remove(resourceTypes.services, { namespace: "default", name: "in-q" });
  await cluster.run(10_000);
  cluster.reconciliations = 0;
  cluster.putNode("b", { ready: false, labels: { node: "b" } });
  await cluster.run(10_000);
  equal(cluster.reconciliations, 0);
});

test("a node that joins concerns nobody who is announced", async () => {
  cluster.putNode("d");
  deepEqual(await looks(), []);
});

test("a node's heartbeats concern nobody", async () => {
  const node = cluster.api.peek(resourceTypes.nodes, { name: "a" });
  const status = { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "2026-01-01T00:00:10Z" }] };
  cluster.api.put(resourceTypes.nodes, { metadata: node?.metadata ?? { name: "a" }, status } as never);
  deepEqual(await looks(), []);
});

test("an advertisement concerns the Services of its pools", async () => {
  cluster.api.remove(resourceTypes.l2advertisements, { namespace, name: "for-q" });
  deepEqual(await looks(), ["default/in-q"]);
  equal(cluster.announcedOf("in-q")?.[1], "NoAdvertisement");
  equal(cluster.announcedOf("in-p"), undefined);
});

test("Pods that are no speakers concern nobody", async () => {
  cluster.api.put(resourceTypes.pods, { metadata: { namespace, name: "other" } });
  deepEqual(await looks(), []);
});

test("an address that no pool holds any more is told when its Service keeps it, and what comes helps it", async () => {
  cluster.api.put(resourceTypes.services, service("in-p", { published: ["10.9.0.1"] }));
  cluster.loop.close();
  deepEqual(await looks(), ["default/in-p"]);
  equal(cluster.announcedOf("in-p")?.[1], "AddressInNoPool");
  cluster.putPool("r", ["10.9.0.0/24"]);
  cluster.putAdvertisement("for-r", { ipAddressPools: ["r"] });
  deepEqual(await looks(), ["default/in-p"]);
  equal(cluster.announcedOf("in-p"), undefined);
});
