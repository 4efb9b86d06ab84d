import { deepEqual, equal, match, ok } from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { type ServiceChanges, service } from "../../allocation/fake/services.ts";
import { FakeCluster } from "../fake/cluster.ts";

let cluster: FakeCluster;
afterEach(() => cluster.close());

async function begin(classFlag = "", ...services: readonly Service[]): Promise<void> {
  cluster = new FakeCluster(classFlag);
  cluster.putPool("p", ["10.0.0.0/30"]);
  for (const each of services) put(each);
  await cluster.start();
}

const put = (of: Service): Service => cluster.api.put(resourceTypes.services, of);
const stored = (name: string, namespace = "default"): Service | undefined =>
  cluster.api.peek<Service>(resourceTypes.services, { namespace, name });
const classed = (loadBalancerClass: string, changes: ServiceChanges = {}): Service =>
  service("a", { ...changes, spec: { loadBalancerClass } });
const from = { "metallb.io/ip-allocated-from-pool": "p" };

describe("a Service of a class", () => {
  test("that is in the list gets an address, as does one without a class where that is listed", async () => {
    await begin("metallb.io/*,", classed("metallb.io/internal"), service("b"));
    deepEqual([cluster.addressesOf("a"), cluster.addressesOf("b")].sort(), ["10.0.0.0", "10.0.0.1"]);
  });

  test("of MetalLB's that nobody serves gets one Warning, and is not written to", async () => {
    await begin("", classed("metallb.io/internal"), { ...classed("other.io/x"), metadata: { ...service("b").metadata } });
    put(classed("metallb.io/internal", { labels: { touched: "yes" } }));
    await cluster.run();
    cluster.putPool("q", ["10.1.0.0/30"]);
    await cluster.run();
    equal(cluster.told.length, 1, cluster.told.join("\n"));
    match(
      cluster.told[0] ?? "",
      /^AllocationFailed: Failed to allocate IP for "default\/a": loadBalancerClass "metallb\.io\/internal" is served by nobody/,
    );
    equal(cluster.serviceWrites, 0);
  });

  test("that becomes a ClusterIP Service, and so loses its class, frees its address", async () => {
    await begin("x", classed("x"));
    equal(cluster.addressesOf("a"), "10.0.0.0");
    put({ ...service("a", { annotations: from, spec: { type: "ClusterIP" } }), status: { loadBalancer: {} } });
    await cluster.run();
    equal(cluster.loop.counters()?.("p")?.assignedIPv4, 0n);
    equal(stored("a")?.metadata.annotations?.["metallb.io/ip-allocated-from-pool"], undefined);
  });
});

describe("a status that somebody else wrote", () => {
  test("stays as it is, down to its spelling, with pools and without", async () => {
    const ingress = [{ ip: "2001:DB8:0::1" }, { hostname: "lb.example" }];
    await begin("", { ...service("a"), status: { loadBalancer: { ingress } } });
    deepEqual(stored("a")?.status?.loadBalancer?.ingress, ingress);
    match(cluster.told.join("\n"), /belong to no IPAddressPool and were not given by this controller/);
    cluster.api.remove(resourceTypes.ipaddresspools, { namespace: "metallb-system", name: "p" });
    await cluster.run();
    deepEqual(stored("a")?.status?.loadBalancer?.ingress, ingress);
    equal(cluster.serviceWrites, 0);
  });
});

describe("nothing is written", () => {
  test("about a Service that keeps its address, whatever the API server adds to its status", async () => {
    await begin("", service("a"));
    const settled = stored("a");
    ok(settled !== undefined);
    const ingress = [{ ip: "10.0.0.0", ipMode: "VIP" }];
    put({ ...settled, status: { loadBalancer: { ingress } } });
    await cluster.run();
    put({ ...settled, status: { loadBalancer: { ingress } }, metadata: { ...settled.metadata, labels: { touched: "yes" } } });
    await cluster.run();
    equal(cluster.serviceWrites, 1, "the first one, which gave the address");
    cluster.loop.close();
    cluster.loop.open();
    await cluster.run();
    equal(cluster.serviceWrites, 1, "another leader has nothing to say either");
  });
});

describe("one object's fault does not stop the others:", () => {
  test("a pool that was never valid leaves the others in force, its Services as they are, and deletions in effect", async () => {
    cluster = new FakeCluster();
    cluster.putPool("broken", ["nonsense"]);
    cluster.putPool("p", ["10.0.0.0/31"]);
    put(service("theirs", { published: ["10.9.0.1"], annotations: { "metallb.io/ip-allocated-from-pool": "broken" } }));
    for (const name of ["a", "b", "c"]) put(service(name));
    await cluster.start();
    deepEqual(["theirs", "a", "b", "c"].map((name) => cluster.addressesOf(name)).sort(), [
      "",
      "10.0.0.0",
      "10.0.0.1",
      "10.9.0.1",
    ]);
    const [holder = ""] = ["a", "b", "c"].filter((name) => cluster.addressesOf(name) === "10.0.0.0");
    cluster.api.remove(resourceTypes.services, { namespace: "default", name: holder });
    await cluster.run();
    deepEqual(["a", "b", "c"].map((name) => cluster.addressesOf(name)).sort(), ["", "10.0.0.0", "10.0.0.1"]);
  });

  test("a Service whose request is nonsense waits alone", async () => {
    await begin("", service("bad", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.0/30" } }), service("good"));
    deepEqual([cluster.addressesOf("bad"), cluster.addressesOf("good")], ["", "10.0.0.0"]);
  });

  test("a Service called reload in a namespace metallbreload is like any other", async () => {
    await begin("", service("reload", { namespace: "metallbreload" }), service("a"));
    const ip = stored("reload", "metallbreload")?.status?.loadBalancer?.ingress?.[0]?.ip;
    deepEqual([ip, cluster.addressesOf("a")].sort(), ["10.0.0.0", "10.0.0.1"]);
    cluster.api.remove(resourceTypes.services, { namespace: "metallbreload", name: "reload" });
    await cluster.run();
    equal(cluster.loop.counters()?.("p")?.assignedIPv4, 1n);
  });
});

describe("an address that a late write gave twice", () => {
  test("stays with who held it, though the other is older, and that one moves with an event", async () => {
    await begin("", service("holder"));
    put(service("late", { published: ["10.0.0.0"], annotations: from, created: "2020-01-01T00:00:00Z" }));
    await cluster.run();
    deepEqual([cluster.addressesOf("holder"), cluster.addressesOf("late")], ["10.0.0.0", "10.0.0.1"]);
    match(
      cluster.told.join("\n"),
      /^ClearAssignment: current IP for "default\/late" no longer allowed by config, will try again: "10\.0\.0\.0" is in use by "default\/holder"/m,
    );
  });

  test("stays with the older one when another process finds both, and the younger one moves with an event", async () => {
    const twice = (name: string, created: string): Service =>
      service(name, { published: ["10.0.0.0"], annotations: from, created });
    await begin("", twice("a", "2026-01-02T00:00:00Z"), twice("b", "2026-01-01T00:00:00Z"));
    deepEqual([cluster.addressesOf("a"), cluster.addressesOf("b")], ["10.0.0.1", "10.0.0.0"]);
    equal(cluster.told.filter((text) => /^ClearAssignment: .*"default\/a"/.test(text)).length, 1);
    equal(cluster.loop.counters()?.("p")?.assignedIPv4, 2n);
  });
});

test("as many as it can help are woken by an address that becomes free, not all who wait", async () => {
  await begin("", ...["a", "b", "c", "d"].map((name) => service(name)));
  for (let index = 0; index < 20; index++) put(service(`w${index}`));
  await cluster.run();
  const before = cluster.updates;
  cluster.api.remove(resourceTypes.services, { namespace: "default", name: "b" });
  await cluster.run();
  equal(cluster.addressesOf("w0"), "10.0.0.1");
  ok(cluster.updates - before <= 4, `${cluster.updates - before} reconciliations`);
});
