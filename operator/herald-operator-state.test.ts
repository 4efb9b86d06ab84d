import { deepEqual, equal, match, ok } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { ConfigurationState } from "../crds/types/configuration-state.ts";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { namespace, Replicas } from "./fake/replicas.ts";
import { KubeError } from "./framework/api/kube-api.ts";
import type { Metrics } from "./framework/metrics.ts";

let world: Replicas;
beforeEach(() => {
  world = new Replicas();
});
afterEach(() => world.stop());

const state = () =>
  world.api.peek<ConfigurationState>(resourceTypes.configurationstates, { namespace, name: "controller" })?.status;

test("MetalLB's old ConfigMap is told once on it, and for as long as it is there in the state and among the findings", async () => {
  const legacy = { metadata: { namespace, name: "config", uid: "1" }, data: { config: "peers:\n- password: hunter2" } };
  world.api.put(resourceTypes.configmaps, legacy);
  world.api.put(resourceTypes.configmaps, { metadata: { namespace, name: "other" }, data: { config: "x" } });
  world.api.put(resourceTypes.configmaps, { metadata: { namespace: "default", name: "config" }, data: { config: "x" } });
  const { operator } = world.start("one");
  await world.run(5_000);
  world.api.put(resourceTypes.configmaps, { ...legacy, data: { config: "peers: []" } });
  await world.run(2_000);
  deepEqual(world.told, ["ConfigMap LegacyConfiguration"]);
  match(
    operator.knowledge.legacy?.message ?? "",
    /^legacy configuration ignored: ConfigMap metallb-system\/config .*herald convert/,
  );
  deepEqual([state()?.result, state()?.errorSummary], ["Valid", operator.knowledge.legacy?.message]);
  world.api.remove(resourceTypes.configmaps, { namespace, name: "config" });
  await world.run(2_000);
  deepEqual([operator.knowledge.legacy, state()?.errorSummary], [undefined, ""]);
});

test("of two replicas the leader alone tells of an old ConfigMap that comes later, and the next leader tells again", async () => {
  const { stop } = world.start("one");
  await world.run(3_000);
  world.start("two");
  await world.run(3_000);
  world.api.put(resourceTypes.configmaps, { metadata: { namespace, name: "config", uid: "1" }, data: { config: "x" } });
  await world.run(2_000);
  deepEqual(world.told, ["ConfigMap LegacyConfiguration"]);
  stop.abort();
  await world.run(3_000);
  deepEqual(world.told, ["ConfigMap LegacyConfiguration", "ConfigMap LegacyConfiguration"]);
});

test("a ConfigMap of that name without the key config is nobody's business", async () => {
  world.api.put(resourceTypes.configmaps, { metadata: { namespace, name: "config" }, data: { other: "x" } });
  const { operator } = world.start("one");
  await world.run(5_000);
  deepEqual([world.told, operator.knowledge.legacy, state()?.errorSummary], [[], undefined, ""]);
});

test("a state that is deleted is there again at once, with its verdict", async () => {
  world.start("one");
  await world.run(5_000);
  world.api.remove(resourceTypes.configurationstates, { namespace, name: "controller" });
  await world.run(500);
  equal(state()?.result, "Valid");
});

test("one replica alone writes the state, and it is the leader's", async () => {
  const { stop } = world.start("one");
  await world.run(3_000);
  world.start("two");
  await world.run(3_000);
  const owners = () =>
    world.api
      .peek<ConfigurationState>(resourceTypes.configurationstates, { namespace, name: "controller" })
      ?.metadata.ownerReferences?.map(({ name }) => name);
  deepEqual(owners(), ["one"]);
  stop.abort();
  await world.run(3_000);
  deepEqual(owners(), ["two"]);
});

/** The lines of the metrics without comments, sorted. */
async function scrape(metrics: Metrics, prefix: string): Promise<readonly string[]> {
  return (await metrics.text())
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .sort();
}

test("the gauges of a pool come with it, follow its Services and go with it", async () => {
  const { metrics } = world.start("one");
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "q" },
    spec: { addresses: ["fd00::/64"] },
  });
  world.api.put(resourceTypes.services, service("a"));
  await world.run(5_000);
  const ofPool = async (pool: string) =>
    (await scrape(metrics, "metallb_allocator_")).filter((line) => line.includes(`"${pool}"`));
  deepEqual(await ofPool("p"), [
    'metallb_allocator_addresses_in_use_total{pool="p"} 1',
    'metallb_allocator_addresses_total{pool="p"} 256',
    'metallb_allocator_ipv4_addresses_in_use_total{pool="p"} 1',
    'metallb_allocator_ipv4_addresses_total{pool="p"} 256',
    'metallb_allocator_ipv6_addresses_in_use_total{pool="p"} 0',
    'metallb_allocator_ipv6_addresses_total{pool="p"} 0',
  ]);
  equal(
    (await ofPool("q")).find((line) => line.includes("ipv6_addresses_total")),
    `metallb_allocator_ipv6_addresses_total{pool="q"} ${2 ** 63}`,
  );
  world.api.remove(resourceTypes.ipaddresspools, { namespace, name: "q" });
  await world.run(5_000);
  deepEqual(await ofPool("q"), []);
  equal((await ofPool("p")).length, 6);
});

test("the gauges of a pool that is deleted while MetalLB runs do not come back", async () => {
  const { metrics } = world.start("one");
  await world.run(5_000);
  const gauges = () => scrape(metrics, "metallb_allocator_addresses_total");
  const metallb = { metadata: { namespace, name: "metallb-1", labels: { app: "metallb" } }, status: { phase: "Running" } };
  world.api.put(resourceTypes.pods, metallb);
  await world.run(1_000);
  deepEqual(await gauges(), []);
  world.api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
  await world.run(1_000);
  world.api.remove(resourceTypes.pods, { namespace, name: "metallb-1" });
  await world.run(5_000);
  deepEqual(await gauges(), []);
});

test("the four client metrics are there from the start, and say whether the configuration is in force", async () => {
  const { metrics } = world.start("one");
  const client = async () => Object.fromEntries((await scrape(metrics, "metallb_k8s_client_")).map((line) => line.split(" ")));
  deepEqual(await client(), {
    metallb_k8s_client_config_loaded_bool: "0",
    metallb_k8s_client_config_stale_bool: "0",
    metallb_k8s_client_update_errors_total: "0",
    metallb_k8s_client_updates_total: "0",
  });
  await world.run(5_000);
  const good = await client();
  deepEqual([good["metallb_k8s_client_config_loaded_bool"], good["metallb_k8s_client_config_stale_bool"]], ["1", "0"]);
  ok(Number(good["metallb_k8s_client_updates_total"]) > 0);
  const bad = { metadata: { namespace, name: "p" }, spec: { addresses: ["nonsense"] } };
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, bad);
  await world.run(2_000);
  equal((await client())["metallb_k8s_client_config_stale_bool"], "1");
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, { ...bad, spec: { addresses: ["10.0.0.0/24"] } });
  await world.run(2_000);
  equal((await client())["metallb_k8s_client_config_stale_bool"], "0");
});

test("a write that fails is counted", async () => {
  const { metrics } = world.start("one");
  world.api.fail(
    ({ type, verb }) => type.plural === "services" && verb === "patch",
    new KubeError("down", 503, "ServiceUnavailable"),
  );
  world.api.put(resourceTypes.services, service("a"));
  await world.run(5_000);
  equal(world.addressOf("a"), "10.0.0.0");
  ok((await scrape(metrics, "metallb_k8s_client_update_errors_total 0")).length === 0);
});

test("a Service that cannot have what it asks for is counted among the errors once for each reason; one that is not ours is not", async () => {
  const { metrics } = world.start("one");
  await world.run(5_000);
  const errors = async () => (await scrape(metrics, "metallb_k8s_client_update_errors_total"))[0]?.split(" ")[1];
  const wanting = (text: string) => service("a", { annotations: { "metallb.io/loadBalancerIPs": text } });
  world.api.put(resourceTypes.services, wanting("203.0.113.1"));
  world.api.put(resourceTypes.services, service("b", { spec: { loadBalancerClass: "metallb.io/x" } }));
  await world.run(5_000);
  equal(await errors(), "1");
  world.api.put(
    resourceTypes.services,
    service("a", { annotations: { "metallb.io/loadBalancerIPs": "203.0.113.1" }, labels: { touched: "yes" } }),
  );
  await world.run(5_000);
  equal(await errors(), "1");
  world.api.put(resourceTypes.services, wanting("nonsense"));
  await world.run(5_000);
  equal(await errors(), "2");
  world.api.put(resourceTypes.services, wanting("10.0.0.7"));
  await world.run(5_000);
  deepEqual([world.addressOf("a"), await errors()], ["10.0.0.7", "2"]);
});
