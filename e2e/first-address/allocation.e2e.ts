import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { installedCluster } from "../installed-cluster.ts";
import { eventually } from "../lab/until.ts";
import { heraldNamespace, pool, service } from "../manifests.ts";
import { addressesOf, apply, applyRefused, eventOf, givenAddresses, read, remove, removeAll } from "../observe.ts";

/** First addresses of the cluster's range texts. */
function firstOf(ranges: readonly string[]): readonly string[] {
  return ranges.map((range) => range.split("-")[0] ?? "");
}

describe("allocation", () => {
  const cluster = installedCluster();
  afterEach(() => removeAll(cluster()));

  test("a Service gets the lowest address of each family, and an event says so", async () => {
    const ranges = cluster().range(200, 209);
    await apply(cluster(), pool("first", ranges), service("web"));
    deepEqual(await givenAddresses(cluster(), "web"), firstOf(ranges));
    match(await eventOf(cluster(), "web", "IPAllocated"), /Assigned IP \["/);
    equal(await read(cluster(), "service/web", "{.metadata.annotations.metallb\\.io/ip-allocated-from-pool}"), "first");
  });

  test("a Service that came before its pool gets an address when the pool comes", async () => {
    await apply(cluster(), service("early"));
    await eventOf(cluster(), "early", "AllocationFailed");
    await apply(cluster(), pool("late", cluster().range(210, 219)));
    deepEqual(await givenAddresses(cluster(), "early"), firstOf(cluster().range(210, 219)));
  });

  test("an address that a deleted Service had goes to one that waits", async () => {
    await apply(cluster(), pool("single", cluster().range(220, 220)), service("one"));
    const addresses = await givenAddresses(cluster(), "one");
    await apply(cluster(), service("two"));
    await eventOf(cluster(), "two", "AllocationFailed", "no available IPs");
    await remove(cluster(), "default", "service/one");
    deepEqual(await givenAddresses(cluster(), "two"), addresses);
  });

  test("a Service keeps its address when it is asked for by nobody else and the pool grows", async () => {
    await apply(cluster(), pool("grows", cluster().range(225, 226)), service("keeps"));
    const addresses = await givenAddresses(cluster(), "keeps");
    await apply(cluster(), pool("grows", cluster().range(221, 229)));
    await eventually("the larger pool is in force", 15_000, async () => {
      const free = await read(cluster(), "ipaddresspool/grows", "{.status.availableIPv4}", heraldNamespace);
      return free === "8" || undefined; // 9 less the one that is kept
    });
    await apply(cluster(), service("next"));
    deepEqual(await givenAddresses(cluster(), "next"), firstOf(cluster().range(221, 221)));
    deepEqual(await addressesOf(cluster(), "keeps"), addresses);
  });

  test("the annotations choose an address and a pool, with the old prefix too", async () => {
    const wanted = firstOf(cluster().range(233, 233));
    await apply(
      cluster(),
      pool("general", cluster().range(230, 234)),
      pool("named", cluster().range(235, 239), { autoAssign: false }),
      service("exact", { annotations: { "metallb.io/loadBalancerIPs": wanted.join(",") } }),
      service("old", { annotations: { "metallb.universe.tf/address-pool": "named" } }),
    );
    deepEqual(await givenAddresses(cluster(), "exact"), wanted);
    deepEqual(await givenAddresses(cluster(), "old"), firstOf(cluster().range(235, 235)));
    match(await eventOf(cluster(), "old", "deprecatedAnnotation"), /metallb\.universe\.tf\/address-pool/);
  });

  test("an address outside every pool is refused where the user looks, and nothing is given", async () => {
    await apply(
      cluster(),
      pool("inside", cluster().range(200, 209)),
      service("outside", { families: "SingleStack", annotations: { "metallb.io/loadBalancerIPs": "203.0.113.7" } }),
    );
    match(await eventOf(cluster(), "outside", "AllocationFailed"), /203\.0\.113\.7/);
    deepEqual(await addressesOf(cluster(), "outside"), []);
  });

  test("a Service that is no longer a LoadBalancer gives its address back", async () => {
    await apply(cluster(), pool("single", cluster().range(240, 240)), service("leaves"));
    await givenAddresses(cluster(), "leaves");
    await apply(cluster(), service("leaves", { spec: { type: "ClusterIP" } }), service("comes"));
    await givenAddresses(cluster(), "comes");
    deepEqual(await addressesOf(cluster(), "leaves"), []);
  });

  test("the pool's status counts what is given and what is free", async () => {
    await apply(cluster(), pool("counted", cluster().range(241, 245)), service("counts"));
    await givenAddresses(cluster(), "counts");
    const family = cluster().families[0] === "ipv6" ? "IPv6" : "IPv4";
    const counters = `{.status.assigned${family}} {.status.available${family}}`;
    await eventually("the pool counts 1 given and 4 free", 10_000, async () => {
      const text = await read(cluster(), "ipaddresspool/counted", counters, heraldNamespace);
      return text === "1 4" || undefined;
    });
  });

  test("a malformed range is refused with the way out", async () => {
    match(await applyRefused(cluster(), pool("short", ["10.0.3.100-150"])), /10\.0\.3\.100-10\.0\.3\.150/);
  });
});
