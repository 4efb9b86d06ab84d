import { deepEqual, equal, ok } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { BGPPeer } from "../crds/types/bgp-peer.ts";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { type EndpointSlice, type Node, type Pod, resourceTypes, type Service } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { FakeApi } from "./framework/fake/fake-api.ts";
import { FakeClock } from "./framework/fake/fake-clock.ts";
import { KubeError } from "./framework/kube-api.ts";
import type { Log } from "./framework/log.ts";
import { createClientMetrics, createMetrics } from "./framework/metrics.ts";
import { createStatusWriter } from "./framework/status-writer.ts";
import { createWriteLimiter } from "./framework/write-limiter.ts";
import { HeraldOperator } from "./herald-operator.ts";
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

function startReplica(identity: string) {
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
    busy: () => false,
  });
  const stop = new AbortController();
  const replica = { operator, stop, running: operator.run(stop.signal), metrics };
  replicas.push(replica);
  return replica;
}

async function run(ms: number): Promise<void> {
  for (let step = 0; step < 20; step++) await clock.advance(ms / 20);
}

function announcedOf(name: string): readonly string[] | undefined {
  const { status } = api.peek<Service>(resourceTypes.services, { namespace: "default", name }) ?? {};
  const found = status?.conditions?.find(({ type }) => type === "herald-lb.io/Announced");
  return found && [found.status, found.reason];
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

test("a Service that no node announces is told so by the leader, and is not told again by the next one", async () => {
  const node: Node = { metadata: { name: "a" }, status: { conditions: [{ type: "Ready", status: "True" }] } };
  api.put(resourceTypes.nodes, node);
  api.put(resourceTypes.services, service("a"));
  api.put<EndpointSlice>(resourceTypes.endpointslices, {
    metadata: { namespace: "default", name: "a-1", labels: { "kubernetes.io/service-name": "a" } },
    endpoints: [{ nodeName: "a" }],
  });
  const one = startReplica("one");
  const two = startReplica("two");
  await run(15_000);
  deepEqual(announcedOf("a"), ["False", "NoAdvertisement"]);
  deepEqual(
    [one, two].map(({ operator }) => operator.knowledge.silent?.size),
    [1, undefined],
  );
  api.put(resourceTypes.l2advertisements, { metadata: { namespace, name: "l2" } });
  await run(10_000);
  deepEqual(announcedOf("a"), ["False", "NoEligibleNode"]);
  one.stop.abort();
  await run(20_000);
  deepEqual(
    [one, two].map(({ operator }) => operator.knowledge.silent?.size),
    [undefined, 1],
  );
  api.put<Pod>(resourceTypes.pods, {
    metadata: { namespace, name: "s", labels: { component: "speaker" }, annotations: { "herald-lb.io/generation": "1" } },
    spec: { nodeName: "a" },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  });
  await run(5_000);
  deepEqual(announcedOf("a"), ["True", "Announced"]);
  deepEqual(
    told.filter((reason) => !reason.endsWith("IPAllocated")),
    ["Service NotAnnounced", "Service NotAnnounced", "Service Announced"],
  );
});

test("no Service is told anything about its announcement before its endpoints can be known", async () => {
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
  api.hook(({ verb, type }) => (verb === "list" && type.plural === "endpointslices" ? slow : undefined));
  api.put(resourceTypes.services, service("a"));
  startReplica("one");
  await run(20_000);
  deepEqual([addressOf("a"), announcedOf("a")], ["10.0.0.0", undefined]);
  answer();
  await run(10_000);
  deepEqual(announcedOf("a"), ["False", "NoEndpoints"]);
});
