import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { IPAddressPool } from "../../../crds/types/ip-address-pool.ts";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { service } from "../../allocation/fake/services.ts";
import { FakeCluster, namespace } from "../fake/cluster.ts";

let cluster: FakeCluster;
beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => cluster.close());

const putPool = (reserveFor: string | undefined, addresses: readonly string[] = ["10.0.0.0/30"]): void => {
  const annotations = reserveFor === undefined ? {} : { "herald-lb.io/reserve-for": reserveFor };
  cluster.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "p", annotations },
    spec: { addresses },
  });
};
const put = (name: string): void => void cluster.api.put(resourceTypes.services, service(name));
const remove = (name: string): void => cluster.api.remove(resourceTypes.services, { namespace: "default", name });
const status = () => cluster.api.peek<IPAddressPool>(resourceTypes.ipaddresspools, { namespace, name: "p" })?.status;
const kept = (): readonly string[] =>
  (status()?.reservations ?? []).map((each) => `${each.address} ${each.service} ${each.until}`);
const poolWrites = (): number =>
  cluster.api.requests.filter(({ verb, type }) => verb === "patch" && type.plural === "ipaddresspools").length;

/** A Service had 10.0.0.0 and was deleted. */
async function deleted(): Promise<void> {
  put("a");
  await cluster.start();
  equal(cluster.addressesOf("a"), "10.0.0.0");
  remove("a");
  await cluster.run(100);
}

/** Another process leads from now on: it knows what is stored. */
async function changeLeader(): Promise<void> {
  cluster.loop.close();
  cluster.loop.open();
  await cluster.run(100);
}

describe("the address of a deleted Service", () => {
  test("stands in its pool's status at once, until its time is over", async () => {
    putPool("1m");
    await deleted();
    deepEqual(kept(), ["10.0.0.0 default/a 2026-01-01T00:01:02Z"]);
    put("b");
    await cluster.run(100);
    equal(cluster.addressesOf("b"), "10.0.0.1");
    await cluster.run(62_000);
    deepEqual(kept(), []);
    put("c");
    await cluster.run();
    equal(cluster.addressesOf("c"), "10.0.0.0");
  });

  test("goes to who waits for it when its time is over, though nothing else happens", async () => {
    putPool("1m", ["10.0.0.0/32"]);
    await deleted();
    put("b");
    await cluster.run(30_000);
    equal(cluster.addressesOf("b"), "");
    await cluster.run(40_000);
    equal(cluster.addressesOf("b"), "10.0.0.0");
  });

  test("is kept across a change of the leader, and comes back to its name", async () => {
    putPool("1m");
    await deleted();
    await changeLeader();
    put("b");
    await cluster.run(100);
    put("a");
    await cluster.run(100);
    deepEqual([cluster.addressesOf("b"), cluster.addressesOf("a")], ["10.0.0.1", "10.0.0.0"]);
    await cluster.run();
    deepEqual(kept(), []);
  });

  test("is free in time after a change of the leader too", async () => {
    putPool("1m", ["10.0.0.0/32"]);
    await deleted();
    await changeLeader();
    put("b");
    await cluster.run(65_000);
    equal(cluster.addressesOf("b"), "10.0.0.0");
    deepEqual(kept(), []);
  });

  test("is free when the annotation is taken away", async () => {
    putPool("1m", ["10.0.0.0/32"]);
    await deleted();
    put("b");
    await cluster.run(100);
    putPool(undefined, ["10.0.0.0/32"]);
    await cluster.run();
    equal(cluster.addressesOf("b"), "10.0.0.0");
    deepEqual(kept(), []);
  });

  test("is not kept without the annotation, and nothing is written about it", async () => {
    putPool(undefined);
    await deleted();
    await cluster.run();
    equal(status()?.reservations, undefined);
  });

  test("is passed over when somebody made it unreadable", async () => {
    putPool("1m");
    const reservations = [
      { address: "nonsense", service: "default/a", until: "2026-01-01T00:10:00Z" },
      { address: "10.0.0.0", service: "default/a", until: "tomorrow" },
      { address: "10.0.0.1", service: "default/a", until: "2026-01-01T00:00:50Z" },
    ];
    const counters = { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 4, availableIPv6: 0 };
    const patch = { status: { ...counters, reservations } };
    await cluster.api.mergePatch(resourceTypes.ipaddresspools, { namespace, name: "p" }, patch, { subresource: "status" });
    await cluster.start();
    deepEqual(kept(), ["10.0.0.1 default/a 2026-01-01T00:00:50Z"]);
  });
});

test("many deletions are few writes of the pool's status", async () => {
  putPool("1m", ["10.0.0.0/24"]);
  for (let index = 0; index < 50; index++) put(`s${index}`);
  await cluster.start();
  const before = poolWrites();
  for (let index = 0; index < 50; index++) {
    remove(`s${index}`);
    await cluster.clock.advance(10);
  }
  await cluster.run();
  equal(kept().length, 50);
  equal(poolWrites() - before <= 8, true, `${poolWrites() - before} writes`);
});

test("with a definition that has no reservations that is said once, and they are kept as long as the process leads", async () => {
  const { mergePatch } = cluster.api;
  cluster.api.mergePatch = async (type, key, patch, options) => {
    const { status: asked, ...rest } = patch as { readonly status?: object };
    const known = asked && { ...asked, reservations: undefined };
    return mergePatch.call(cluster.api, type, key, { ...rest, ...(known && { status: known }) }, options) as never;
  };
  putPool("1m");
  await deleted();
  put("b");
  await cluster.run(100);
  equal(cluster.addressesOf("b"), "10.0.0.1");
  remove("b");
  await cluster.run();
  const before = poolWrites();
  cluster.source.compile();
  await cluster.run();
  equal(poolWrites(), before);
  const [warning, ...others] = cluster.log.at("warn");
  match(warning ?? "", /no status\.reservations/);
  deepEqual(others, []);
});
