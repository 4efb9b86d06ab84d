import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Condition, resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { type ServiceChanges, service } from "../../allocation/fake/services.ts";
import { FakeCluster } from "../fake/cluster.ts";
import { foreignCondition } from "../fake/foreign-condition.ts";

let cluster: FakeCluster;
beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => cluster.close());

const stored = (name: string): Service | undefined =>
  cluster.api.peek<Service>(resourceTypes.services, { namespace: "default", name });
const allocatedOf = (name: string): readonly string[] | undefined => cluster.conditionOf(name, "herald-lb.io/Allocated");

/** As the user changes it: the status stays. */
function put(name: string, changes: ServiceChanges = {}, status?: Service["status"]): void {
  const kept = status ?? stored(name)?.status;
  const { status: _, ...rest } = service(name, changes);
  cluster.api.put<Service>(resourceTypes.services, { ...rest, ...(kept && { status: kept }) });
}

test("a Service that waits says why, and that is one write", async () => {
  put("web");
  await cluster.start();
  const [status, reason, message] = allocatedOf("web") ?? [];
  deepEqual([status, reason], ["False", "NoPools"]);
  match(message ?? "", /^no available IPs: there is no IPAddressPool yet$/);
  await cluster.run(60_000);
  equal(cluster.serviceWrites, 1);
});

test("a Service that waits follows the reason", async () => {
  put("web");
  await cluster.start();
  cluster.putPool("p", ["10.0.0.0/24"], { autoAssign: false });
  await cluster.run();
  equal(allocatedOf("web")?.[1], "NoAvailableIPs");
  equal(cluster.serviceWrites, 2);
});

test("a Service that gets what it waited for loses the condition in the same write", async () => {
  put("web");
  await cluster.start();
  cluster.putPool("p", ["10.0.0.0/24"]);
  await cluster.run(60_000);
  equal(cluster.addressesOf("web"), "10.0.0.0");
  equal(stored("web")?.status?.conditions, undefined);
  equal(cluster.serviceWrites, 2);
});

test("a Service that never waited has no condition", async () => {
  cluster.putPool("p", ["10.0.0.0/24"]);
  put("web");
  await cluster.start();
  equal(stored("web")?.status?.conditions, undefined);
  equal(cluster.serviceWrites, 1);
});

test("a Service that keeps an address while it asks for another has its addresses", async () => {
  cluster.putPool("p", ["10.0.0.0/24"]);
  put("web");
  await cluster.start();
  put("web", { annotations: { "metallb.io/loadBalancerIPs": "10.9.0.1" } });
  await cluster.run();
  equal(cluster.addressesOf("web"), "10.0.0.0");
  equal(allocatedOf("web"), undefined);
});

test("a Service that is no load balancer any more loses our conditions and keeps those of others", async () => {
  put("web", {}, { conditions: [foreignCondition] });
  await cluster.start();
  equal(allocatedOf("web")?.[0], "False");
  put("web", { spec: { type: "ClusterIP" } });
  await cluster.run();
  deepEqual(stored("web")?.status?.conditions, [foreignCondition]);
});

test("a Service that ceased to be a load balancer while nobody looked loses our conditions", async () => {
  const ours: Condition = { ...foreignCondition, type: "herald-lb.io/Allocated", status: "False" };
  put("web", { spec: { type: "ClusterIP" } }, { conditions: [ours, foreignCondition] });
  await cluster.start();
  deepEqual(stored("web")?.status?.conditions, [foreignCondition]);
});

test("a Service with an address that is no load balancer any more loses our conditions in the same write", async () => {
  put("web");
  await cluster.start();
  cluster.putPool("p", ["10.0.0.0/24"]);
  await cluster.run();
  put("web", { spec: { type: "ClusterIP" }, annotations: { "metallb.io/ip-allocated-from-pool": "p" } });
  await cluster.run();
  deepEqual(stored("web")?.status?.conditions, undefined);
  equal(cluster.addressesOf("web"), "");
  equal(cluster.serviceWrites, 3);
});

test("a Service of another class loses our conditions once; those that come back are another's", async () => {
  const ours: Condition = { ...foreignCondition, type: "herald-lb.io/Allocated", status: "False" };
  put("web", { spec: { loadBalancerClass: "other" } }, { conditions: [ours] });
  await cluster.start();
  equal(allocatedOf("web"), undefined);
  put("web", { spec: { loadBalancerClass: "other" } }, { conditions: [ours] });
  await cluster.run();
  equal(allocatedOf("web")?.[0], "False");
  equal(cluster.serviceWrites, 1);
});

test("a Service of another class without conditions of ours is not written", async () => {
  cluster.putPool("p", ["10.0.0.0/24"]);
  put("web", { spec: { loadBalancerClass: "other" } }, { conditions: [foreignCondition] });
  await cluster.start();
  equal(cluster.serviceWrites, 0);
});
