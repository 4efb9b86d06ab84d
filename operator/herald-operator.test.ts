import { deepEqual, equal, match, ok } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { BGPPeer } from "../crds/types/bgp-peer.ts";
import type { ConfigurationState } from "../crds/types/configuration-state.ts";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { type Pod, resourceTypes, type Service } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { FakeApi } from "./framework/fake/fake-api.ts";
import { FakeClock } from "./framework/fake/fake-clock.ts";
import { KubeError } from "./framework/kube-api.ts";
import type { Log } from "./framework/log.ts";
import { createClientMetrics, createMetrics, type Metrics } from "./framework/metrics.ts";
import { createStatusWriter } from "./framework/status-writer.ts";
import { createWriteLimiter } from "./framework/write-limiter.ts";
import { HeraldOperator, type HeraldOptions } from "./herald-operator.ts";
import { PoolMetrics } from "./reconcilers/pool-metrics.ts";

const namespace = "metallb-system";
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const metallbPod: Pod = { metadata: { namespace, name: "metallb-1", labels: { app: "metallb" } }, status: { phase: "Running" } };

let api: FakeApi;
let clock: FakeClock;
let replicas: { readonly operator: HeraldOperator; readonly stop: AbortController; readonly running: Promise<void> }[];
let told: string[];

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  replicas = [];
  told = [];
  api.put(resourceTypes.customresourcedefinitions, { metadata: { name: "ipaddresspools.metallb.io" } });
  api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "p" },
    spec: { addresses: ["10.0.0.0/24"] },
  });
});

afterEach(async () => {
  for (const { stop } of replicas) stop.abort();
  await run(5_000);
  await Promise.all(replicas.map(({ running }) => running));
});

function startReplica(identity: string, more: Partial<HeraldOptions> = {}) {
  const metrics = createMetrics();
  const operator = new HeraldOperator({
    api,
    clock,
    log,
    namespace,
    identity,
    pod: { apiVersion: "v1", kind: "Pod", metadata: { namespace, name: identity } },
    loadBalancerClass: "",
    status: createStatusWriter({ api, limiter: createWriteLimiter({ clock }) }),
    events: { record: (object, _type, reason) => void told.push(`${object.kind} ${reason}`) },
    metrics: createClientMetrics(metrics),
    poolMetrics: new PoolMetrics(metrics),
    ...more,
  });
  const stop = new AbortController();
  const replica = { operator, stop, running: operator.run(stop.signal), metrics };
  replicas.push(replica);
  return replica;
}

async function run(ms: number): Promise<void> {
  for (let step = 0; step < 20; step++) await clock.advance(ms / 20);
}

const addressOf = (name: string): string | undefined =>
  api.peek<Service>(resourceTypes.services, { namespace: "default", name })?.status?.loadBalancer?.ingress?.[0]?.ip;

test("Secrets that may not be listed keep nothing else from working; once they may, a peer's missing one is told", async () => {
  const forbidden = new KubeError("forbidden", 403, "Forbidden");
  let isForbidden = true;
  api.fail(({ verb, type }) => isForbidden && verb === "list" && type.plural === "secrets", forbidden, 1_000);
  api.put<BGPPeer>(resourceTypes.bgppeers, {
    metadata: { namespace, name: "router" },
    spec: { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", passwordSecret: { name: "s" } },
  });
  startReplica("one");
  api.put(resourceTypes.services, service("a"));
  await run(10_000);
  equal(addressOf("a"), "10.0.0.0");
  const conditions = () => {
    const peer = api.peek<BGPPeer>(resourceTypes.bgppeers, { namespace, name: "router" });
    return peer?.status?.conditions?.map(({ type, reason }) => `${type} ${reason}`);
  };
  deepEqual(conditions(), ["Accepted NotYetHandled", "Referenced Resolved"]);
  isForbidden = false;
  await run(20_000);
  deepEqual(conditions(), ["Accepted NotYetHandled", "Referenced ReferenceUnresolved"]);
});

test("one replica leads and allocates, writes the state, and shows its gauges", async () => {
  const { operator, metrics } = startReplica("one");
  api.put(resourceTypes.services, service("a"));
  await run(5_000);
  equal(operator.leading, true);
  equal(addressOf("a"), "10.0.0.0");
  const { leader, needs, counters } = operator.knowledge;
  deepEqual([leader, needs?.size, counters?.("p")?.assignedIPv4], ["one", 0, 1n]);
  ok(api.peek(resourceTypes.configurationstates, { namespace, name: "controller" }));
  ok((await metrics.text()).includes('metallb_allocator_addresses_in_use_total{pool="p"} 1'));
});

test("the next replica takes over at once when the leader stops", async () => {
  const one = startReplica("one");
  await run(3_000);
  const two = startReplica("two");
  await run(3_000);
  deepEqual([one.operator.leading, two.operator.leading], [true, false]);
  one.stop.abort();
  await run(2_000);
  equal(two.operator.leading, true);
  api.put(resourceTypes.services, service("a"));
  await run(1_000);
  equal(addressOf("a"), "10.0.0.0");
});

test("a leader that cannot renew its Lease stops allocating", async () => {
  const { operator } = startReplica("one");
  await run(3_000);
  const cut = api.hook(({ type }) => {
    if (type.plural === "leases") throw new Error("connection reset");
  });
  await run(5_000);
  equal(operator.leading, false);
  api.put(resourceTypes.services, service("a"));
  await run(1_000);
  equal(addressOf("a"), undefined);
  cut();
  await run(10_000);
  equal(addressOf("a"), "10.0.0.0");
});

test("nothing is allocated while MetalLB runs, and everything once it is gone", async () => {
  api.put(resourceTypes.pods, metallbPod);
  startReplica("one");
  api.put(resourceTypes.services, service("a"));
  await run(5_000);
  equal(addressOf("a"), undefined);
  deepEqual(told, ["Pod MetalLBPresent"]);
  api.remove(resourceTypes.pods, { namespace, name: "metallb-1" });
  await run(3_000);
  equal(addressOf("a"), "10.0.0.0");
  api.put(resourceTypes.pods, metallbPod);
  api.put(resourceTypes.services, service("b"));
  await run(3_000);
  equal(addressOf("b"), undefined);
});

const state = () => api.peek<ConfigurationState>(resourceTypes.configurationstates, { namespace, name: "controller" })?.status;

test("MetalLB's old ConfigMap is told once on it, and for as long as it is there in the state and among the findings", async () => {
  const legacy = { metadata: { namespace, name: "config", uid: "1" }, data: { config: "peers:\n- password: hunter2" } };
  api.put(resourceTypes.configmaps, legacy);
  api.put(resourceTypes.configmaps, { metadata: { namespace, name: "other" }, data: { config: "x" } });
  api.put(resourceTypes.configmaps, { metadata: { namespace: "default", name: "config" }, data: { config: "x" } });
  const { operator } = startReplica("one");
  await run(5_000);
  api.put(resourceTypes.configmaps, { ...legacy, data: { config: "peers: []" } });
  await run(2_000);
  deepEqual(told, ["ConfigMap LegacyConfiguration"]);
  match(
    operator.knowledge.legacy?.message ?? "",
    /^legacy configuration ignored: ConfigMap metallb-system\/config .*herald convert/,
  );
  deepEqual([state()?.result, state()?.errorSummary], ["Valid", operator.knowledge.legacy?.message]);
  api.remove(resourceTypes.configmaps, { namespace, name: "config" });
  await run(2_000);
  deepEqual([operator.knowledge.legacy, state()?.errorSummary], [undefined, ""]);
});

test("of two replicas the leader alone tells of an old ConfigMap that comes later, and the next leader tells again", async () => {
  startReplica("one");
  await run(3_000);
  startReplica("two");
  await run(3_000);
  api.put(resourceTypes.configmaps, { metadata: { namespace, name: "config", uid: "1" }, data: { config: "x" } });
  await run(2_000);
  deepEqual(told, ["ConfigMap LegacyConfiguration"]);
  replicas[0]?.stop.abort();
  await run(3_000);
  deepEqual(told, ["ConfigMap LegacyConfiguration", "ConfigMap LegacyConfiguration"]);
});

test("a ConfigMap of that name without the key config is nobody's business", async () => {
  api.put(resourceTypes.configmaps, { metadata: { namespace, name: "config" }, data: { other: "x" } });
  const { operator } = startReplica("one");
  await run(5_000);
  deepEqual([told, operator.knowledge.legacy, state()?.errorSummary], [[], undefined, ""]);
});

test("a state that is deleted is there again at once, with its verdict", async () => {
  startReplica("one");
  await run(5_000);
  api.remove(resourceTypes.configurationstates, { namespace, name: "controller" });
  await run(500);
  equal(state()?.result, "Valid");
});

test("one replica alone writes the state, and it is the leader's", async () => {
  startReplica("one");
  await run(3_000);
  startReplica("two");
  await run(3_000);
  const owners = () =>
    api
      .peek<ConfigurationState>(resourceTypes.configurationstates, { namespace, name: "controller" })
      ?.metadata.ownerReferences?.map(({ name }) => name);
  deepEqual(owners(), ["one"]);
  replicas[0]?.stop.abort();
  await run(3_000);
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
  const { metrics } = startReplica("one");
  api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "q" },
    spec: { addresses: ["fd00::/64"] },
  });
  api.put(resourceTypes.services, service("a"));
  await run(5_000);
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
  api.remove(resourceTypes.ipaddresspools, { namespace, name: "q" });
  await run(5_000);
  deepEqual(await ofPool("q"), []);
  equal((await ofPool("p")).length, 6);
});

test("the four client metrics are there from the start, and say whether the configuration is in force", async () => {
  const { metrics } = startReplica("one");
  const client = async () => Object.fromEntries((await scrape(metrics, "metallb_k8s_client_")).map((line) => line.split(" ")));
  deepEqual(await client(), {
    metallb_k8s_client_config_loaded_bool: "0",
    metallb_k8s_client_config_stale_bool: "0",
    metallb_k8s_client_update_errors_total: "0",
    metallb_k8s_client_updates_total: "0",
  });
  await run(5_000);
  const good = await client();
  deepEqual([good["metallb_k8s_client_config_loaded_bool"], good["metallb_k8s_client_config_stale_bool"]], ["1", "0"]);
  ok(Number(good["metallb_k8s_client_updates_total"]) > 0);
  const bad = { metadata: { namespace, name: "p" }, spec: { addresses: ["nonsense"] } };
  api.put<IPAddressPool>(resourceTypes.ipaddresspools, bad);
  await run(2_000);
  equal((await client())["metallb_k8s_client_config_stale_bool"], "1");
  api.put<IPAddressPool>(resourceTypes.ipaddresspools, { ...bad, spec: { addresses: ["10.0.0.0/24"] } });
  await run(2_000);
  equal((await client())["metallb_k8s_client_config_stale_bool"], "0");
});

test("a write that fails is counted", async () => {
  const { metrics } = startReplica("one");
  api.fail(({ type, verb }) => type.plural === "services" && verb === "patch", new KubeError("down", 503, "ServiceUnavailable"));
  api.put(resourceTypes.services, service("a"));
  await run(5_000);
  equal(addressOf("a"), "10.0.0.0");
  ok((await scrape(metrics, "metallb_k8s_client_update_errors_total 0")).length === 0);
});

test("the configuration keeps the limits of the backend that the operator is told, Herald's when it is told none", async () => {
  api.put(resourceTypes.bfdprofiles, { metadata: { namespace, name: "fast" } });
  const replicas = [startReplica("one"), startReplica("two", { backend: "native" })];
  await run(3_000);
  const errors = replicas.map(({ operator }) => operator.knowledge.configuration?.adopted.findings.map(({ code }) => code));
  deepEqual(
    errors.map((codes) => codes?.includes("NativeUnsupported")),
    [false, true],
  );
});
