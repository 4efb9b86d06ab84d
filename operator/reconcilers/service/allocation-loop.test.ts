import { deepEqual, equal, match, ok } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { service } from "../../allocation/fake/services.ts";
import { KubeError } from "../../framework/api/kube-api.ts";
import type { FakeRequest } from "../../framework/fake/fake-api.ts";
import { settle } from "../../framework/fake/fake-clock.ts";
import { FakeCluster, namespace } from "../fake/cluster.ts";

let cluster: FakeCluster;
beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => cluster.close());

const put = (of: Service): Service => cluster.api.put(resourceTypes.services, of);
const remove = (name: string): void => cluster.api.remove(resourceTypes.services, { namespace: "default", name });
const definition = resourceTypes.customresourcedefinitions;

describe("a Service", () => {
  test("gets an address, the pool's name and one event in one write", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.start();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    const stored = cluster.api.peek<Service>(resourceTypes.services, { namespace: "default", name: "a" });
    equal(stored?.metadata.annotations?.["metallb.io/ip-allocated-from-pool"], "p");
    deepEqual(cluster.told, ['IPAllocated: Assigned IP ["10.0.0.0"]']);
    equal(cluster.serviceWrites, 1);
  });

  test("is not written again when nothing changed", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.start();
    put({ ...service("a"), metadata: { ...service("a").metadata, labels: { touched: "yes" } } });
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    ok(cluster.serviceWrites <= 2, "the annotation that the user's update removed may be written again");
  });

  test("is not decided on again when the watch brings what was written", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.start();
    const before = cluster.updates;
    const stored = cluster.api.peek<Service>(resourceTypes.services, { namespace: "default", name: "a" });
    ok(stored);
    cluster.loop.services.note(stored);
    cluster.loop.onService({ key: { namespace: "default", name: "a" }, before: undefined, after: stored });
    await cluster.run();
    equal(cluster.updates, before);
    cluster.loop.onService({ key: { namespace: "default", name: "a" }, before: undefined, after: stored });
    await cluster.run();
    equal(cluster.updates, before + 1);
  });

  test("gets nothing while the gate is closed", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.run();
    cluster.source.compile();
    await cluster.run();
    equal(cluster.addressesOf("a"), "");
  });

  test("that waits gets an address as soon as its pool appears", async () => {
    put(service("a"));
    await cluster.start();
    match(cluster.told[0] ?? "", /^AllocationFailed: Failed to allocate IP for "default\/a": no available IPs/);
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });

  test("is told once, not at every pass, that it waits", async () => {
    put(service("a"));
    await cluster.start();
    cluster.putPool("q", ["10.9.0.0/30"], { autoAssign: false });
    await cluster.run();
    put({ ...service("a"), metadata: { ...service("a").metadata, labels: { touched: "yes" } } });
    await cluster.run();
    equal(cluster.told.length, 2, cluster.told.join("\n"));
  });

  test("that waits gets the address that a deleted one had", async () => {
    cluster.putPool("p", ["10.0.0.1/32"]);
    put(service("a"));
    await cluster.start();
    put(service("b"));
    await cluster.run();
    equal(cluster.addressesOf("b"), "");
    remove("a");
    await cluster.run();
    equal(cluster.addressesOf("b"), "10.0.0.1");
  });

  test("keeps what others wrote beside its address", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    const ingress = [{ ip: "10.0.0.2", ipMode: "Proxy" }, { hostname: "lb.example" }];
    put({ ...service("a"), status: { loadBalancer: { ingress } } });
    await cluster.start();
    const stored = cluster.api.peek<Service>(resourceTypes.services, { namespace: "default", name: "a" });
    deepEqual(stored?.status?.loadBalancer?.ingress, ingress);
  });
});

describe("a write", () => {
  test("of another address frees the one before", async () => {
    cluster.putPool("p", ["10.0.0.0/31"]);
    put(service("a"));
    await cluster.start();
    put(service("a", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.1" }, published: ["10.0.0.0"] }));
    await cluster.run();
    put(service("b"));
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.1");
    equal(cluster.addressesOf("b"), "10.0.0.0");
  });

  test("that meets a conflict is decided anew on the fresh object, and takes no second address", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.start();
    const conflict = new KubeError("modified", 409, "Conflict");
    cluster.api.fail(({ verb, type }) => verb === "patch" && type.plural === "services", conflict, 2);
    put(service("a"));
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    equal(cluster.loop.counters()?.("p")?.assignedIPv4, 1n);
    const reads = cluster.api.requests.filter(({ verb, type }) => verb === "get" && type.plural === "services");
    equal(reads.length, 2);
  });

  test("that fails for a while is repeated, with the same address", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.start();
    cluster.api.fail(({ verb }) => verb === "patch", new Error("connection reset"), 12);
    put(service("a"));
    await cluster.run(60_000);
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });

  test("that fails keeps the replaced address from others", async () => {
    cluster.putPool("p", ["10.0.0.0/31"]);
    put(service("a", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.0" } }));
    await cluster.start();
    cluster.api.fail(({ verb, key }) => verb === "patch" && key?.name === "a", new Error("connection reset"), 1_000_000);
    put(service("a", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.1" }, published: ["10.0.0.0"] }));
    put(service("b"));
    await cluster.run();
    equal(cluster.addressesOf("b"), "");
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });
});

describe("a write that is still to be sent", () => {
  const isServicePatch = ({ verb, type }: FakeRequest): boolean => verb === "patch" && type.plural === "services";

  test("is given up when leadership ends, as the next leader has read everything by then", async () => {
    cluster.putPool("p", ["10.0.0.0/24"]);
    await cluster.start();
    const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
    cluster.api.hook((request) => (isServicePatch(request) ? slow : undefined));
    for (let index = 0; index < 20; index++) put(service(`s${index}`));
    await cluster.run();
    const underWay = cluster.serviceWrites;
    ok(underWay > 0 && underWay < 20, `${underWay} writes are under way`);
    cluster.leading = false;
    answer();
    await cluster.run();
    equal(cluster.serviceWrites, underWay);
  });

  test("shows nothing of the term that it belonged to once another one has begun", async () => {
    cluster.putPool("p", ["10.0.0.0/24"]);
    await cluster.start();
    const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
    cluster.api.hook((request) => (isServicePatch(request) ? slow : undefined));
    put(service("a"));
    await cluster.run();
    cluster.loop.close();
    cluster.counted.length = 0;
    answer();
    await cluster.run();
    deepEqual(cluster.counted, []);
  });
});

describe("a write whose answer was lost", () => {
  test("is followed by a look at what is stored", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.start();
    cluster.api.fail(({ verb, type }) => verb === "patch" && type.plural === "services", new Error("connection reset"));
    put(service("a"));
    await cluster.run();
    const verbs = cluster.api.requests.filter(({ key }) => key?.name === "a").map(({ verb }) => verb);
    deepEqual(verbs, ["patch", "get", "patch"]);
  });
});

describe("the gate", () => {
  test("opens after every address in use was adopted", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("waits", { created: "2020-01-01T00:00:00Z" }));
    put(service("has", { published: ["10.0.0.0"], created: "2025-01-01T00:00:00Z" }));
    await cluster.start();
    equal(cluster.addressesOf("has"), "10.0.0.0");
    equal(cluster.addressesOf("waits"), "10.0.0.1");
  });

  test("frees what a Service held that was deleted while it was adopted", async () => {
    cluster.putPool("p", ["10.0.0.0/32"]);
    put(service("a", { published: ["10.0.0.0"] }));
    await cluster.run();
    const done = cluster.api.hook(({ verb, type }) => {
      if (verb !== "list" || type.plural !== "services") return;
      cluster.pace = async () => {
        cluster.pace = async () => {};
        remove("a");
        await settle();
      };
      done();
    });
    await cluster.start();
    put(service("b"));
    await cluster.run();
    equal(cluster.addressesOf("b"), "10.0.0.0");
  });

  test("says once why it stays closed", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    cluster.api.remove(definition, { name: "ipaddresspools.metallb.io" });
    await cluster.start();
    await cluster.run(20_000);
    equal(cluster.log.at("warn").length, 1);
  });

  test("stays closed while Services cannot be listed, and while the pools' definition is being removed", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.run();
    const forget = cluster.api.hook(({ verb, type }) => {
      if (verb === "list" && type.plural === "services") throw new KubeError("forbidden", 403, "Forbidden");
    });
    put(service("a"));
    await cluster.start();
    equal(cluster.loop.counters(), undefined);
    forget();
    cluster.api.put(definition, {
      metadata: { name: "ipaddresspools.metallb.io", uid: "first", deletionTimestamp: "2026-01-01T00:00:00Z" },
    });
    await cluster.run(5_000);
    equal(cluster.loop.counters(), undefined);
    cluster.api.put(definition, { metadata: { name: "ipaddresspools.metallb.io", uid: "first" } });
    await cluster.run(5_000);
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });
});

describe("an address is taken back only when", () => {
  test("its pool was deleted, not when the pool went with its definition", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.start();
    cluster.api.remove(definition, { name: "ipaddresspools.metallb.io" });
    cluster.api.put(definition, { metadata: { name: "ipaddresspools.metallb.io", uid: "second" } });
    cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    cluster.putPool("p", ["10.0.0.0/30"]);
    await cluster.run();
    cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
    await cluster.run();
    equal(cluster.addressesOf("a"), "");
    ok(cluster.told.some((text) => text.startsWith("ClearAssignment: ")));
  });

  test("its pool is known to be deleted; to find that out is tried in one place, however many pools went", async () => {
    for (const name of ["p", "q", "r"]) cluster.putPool(name, [`10.0.${name.charCodeAt(0)}.0/30`]);
    await cluster.start();
    cluster.api.hook(({ type }) => {
      if (type.plural === "customresourcedefinitions") throw new KubeError("forbidden", 403, "Forbidden");
    });
    for (const name of ["p", "q", "r"]) {
      cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name });
      await cluster.run(100);
    }
    await cluster.run(4_000);
    equal(cluster.log.at("warn").length, 1);
  });

  test("a pool is valid without it, not when the pool is broken", async () => {
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a"));
    await cluster.start();
    cluster.putPool("p", ["nonsense"]);
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    put(service("b"));
    await cluster.run();
    equal(cluster.addressesOf("b"), "10.0.0.1", "the last valid version stays in force");
    cluster.putPool("p", ["10.0.0.4/30"]);
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.4");
  });

  test("the pool as it is now asks for it, not as it was before a change that is known and not yet in force", async () => {
    const spec = { serviceAllocation: { serviceSelectors: [{ matchLabels: { tier: "gold" } }] } };
    cluster.putPool("p", ["10.0.0.0/30"], spec);
    cluster.putPool("q", ["10.1.0.0/30"]);
    put(service("a", { labels: { tier: "gold" } }));
    await cluster.start();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    cluster.putPool("p", ["10.0.0.0/30"]);
    put(service("a", { published: ["10.0.0.0"], annotations: { "metallb.io/ip-allocated-from-pool": "p" } }));
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    cluster.putPool("p", ["10.0.0.0/30"], spec);
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.1.0.0");
  });

  test("a broken pool was valid in this process before; else it stays too", async () => {
    cluster.putPool("p", ["nonsense"]);
    put(service("a", { published: ["10.0.0.0"], annotations: { "metallb.io/ip-allocated-from-pool": "p" } }));
    await cluster.start();
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });
});
