import { deepEqual, equal, ok } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { BGPPeer } from "../crds/types/bgp-peer.ts";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { type EndpointSlice, type Node, type Pod, resourceTypes, type Service } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { namespace, Replicas } from "./fake/replicas.ts";
import { KubeError } from "./framework/api/kube-api.ts";

const metallbPod: Pod = { metadata: { namespace, name: "metallb-1", labels: { app: "metallb" } }, status: { phase: "Running" } };

let world: Replicas;
beforeEach(() => {
  world = new Replicas();
});
afterEach(() => world.stop());

function announcedOf(name: string): readonly string[] | undefined {
  const { status } = world.api.peek<Service>(resourceTypes.services, { namespace: "default", name }) ?? {};
  const found = status?.conditions?.find(({ type }) => type === "herald-lb.io/Announced");
  return found && [found.status, found.reason];
}

test("Secrets that may not be listed keep nothing else from working; once they may, a peer's missing one is told", async () => {
  const forbidden = new KubeError("forbidden", 403, "Forbidden");
  let isForbidden = true;
  world.api.fail(({ verb, type }) => isForbidden && verb === "list" && type.plural === "secrets", forbidden, 1_000);
  world.api.put<BGPPeer>(resourceTypes.bgppeers, {
    metadata: { namespace, name: "router" },
    spec: { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", passwordSecret: { name: "s" } },
  });
  world.start("one");
  world.api.put(resourceTypes.services, service("a"));
  await world.run(10_000);
  equal(world.addressOf("a"), "10.0.0.0");
  const conditions = () => {
    const peer = world.api.peek<BGPPeer>(resourceTypes.bgppeers, { namespace, name: "router" });
    return peer?.status?.conditions?.map(({ type, reason }) => `${type} ${reason}`);
  };
  deepEqual(conditions(), ["Accepted Valid", "Referenced Resolved", "SessionsUp NoNodeSelected"]);
  isForbidden = false;
  await world.run(20_000);
  deepEqual(conditions(), ["Accepted Valid", "Referenced ReferenceUnresolved", "SessionsUp NoNodeSelected"]);
});

test("a pool opens to the Services of a namespace as soon as its labels are those that the pool selects", async () => {
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "p" },
    spec: { addresses: ["10.0.0.0/24"], serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "a" } }] } },
  });
  world.api.put(resourceTypes.services, service("a"));
  world.start("one");
  await world.run(5_000);
  equal(world.addressOf("a"), undefined);
  world.api.put(resourceTypes.namespaces, { metadata: { name: "default", labels: { team: "a" } } });
  await world.run(1_000);
  equal(world.addressOf("a"), "10.0.0.0");
});

test("one replica leads and allocates, writes the state, and shows its gauges", async () => {
  const { operator, metrics } = world.start("one");
  world.api.put(resourceTypes.services, service("a"));
  await world.run(5_000);
  equal(operator.leading, true);
  equal(world.addressOf("a"), "10.0.0.0");
  const { leader, needs, counters } = operator.knowledge;
  deepEqual([leader, needs?.size, counters?.("p")?.assignedIPv4], ["one", 0, 1n]);
  ok(world.api.peek(resourceTypes.configurationstates, { namespace, name: "controller" }));
  ok((await metrics.text()).includes('metallb_allocator_addresses_in_use_total{pool="p"} 1'));
});

test("the next replica takes over at once when the leader stops", async () => {
  const one = world.start("one");
  await world.run(3_000);
  const two = world.start("two");
  await world.run(3_000);
  deepEqual([one.operator.leading, two.operator.leading], [true, false]);
  one.stop.abort();
  await world.run(2_000);
  equal(two.operator.leading, true);
  world.api.put(resourceTypes.services, service("a"));
  await world.run(1_000);
  equal(world.addressOf("a"), "10.0.0.0");
});

test("a leader that cannot renew its Lease stops allocating", async () => {
  const { operator } = world.start("one");
  await world.run(3_000);
  const cut = world.api.hook(({ type }) => {
    if (type.plural === "leases") throw new Error("connection reset");
  });
  await world.run(5_000);
  equal(operator.leading, false);
  world.api.put(resourceTypes.services, service("a"));
  await world.run(1_000);
  equal(world.addressOf("a"), undefined);
  cut();
  await world.run(10_000);
  equal(world.addressOf("a"), "10.0.0.0");
});

test("nothing is allocated while MetalLB runs, and everything once it is gone", async () => {
  world.api.put(resourceTypes.pods, metallbPod);
  world.start("one");
  world.api.put(resourceTypes.services, service("a"));
  await world.run(5_000);
  equal(world.addressOf("a"), undefined);
  deepEqual(world.told, ["Pod MetalLBPresent"]);
  world.api.remove(resourceTypes.pods, { namespace, name: "metallb-1" });
  await world.run(3_000);
  equal(world.addressOf("a"), "10.0.0.0");
  world.api.put(resourceTypes.pods, metallbPod);
  world.api.put(resourceTypes.services, service("b"));
  await world.run(3_000);
  equal(world.addressOf("b"), undefined);
});

test("a Service that no node announces is told so by the leader, and is not told again by the next one", async () => {
  const node: Node = { metadata: { name: "a" }, status: { conditions: [{ type: "Ready", status: "True" }] } };
  world.api.put(resourceTypes.nodes, node);
  world.api.put(resourceTypes.services, service("a"));
  world.api.put<EndpointSlice>(resourceTypes.endpointslices, {
    metadata: { namespace: "default", name: "a-1", labels: { "kubernetes.io/service-name": "a" } },
    endpoints: [{ nodeName: "a" }],
  });
  const one = world.start("one");
  const two = world.start("two");
  await world.run(15_000);
  deepEqual(announcedOf("a"), ["False", "NoAdvertisement"]);
  deepEqual(
    [one, two].map(({ operator }) => operator.knowledge.silent?.size),
    [1, undefined],
  );
  world.api.put(resourceTypes.l2advertisements, { metadata: { namespace, name: "l2" } });
  await world.run(10_000);
  deepEqual(announcedOf("a"), ["False", "NoEligibleNode"]);
  one.stop.abort();
  await world.run(20_000);
  deepEqual(
    [one, two].map(({ operator }) => operator.knowledge.silent?.size),
    [undefined, 1],
  );
  world.api.put<Pod>(resourceTypes.pods, {
    metadata: { namespace, name: "s", labels: { component: "speaker" }, annotations: { "herald-lb.io/generation": "1" } },
    spec: { nodeName: "a" },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  });
  await world.run(5_000);
  equal(announcedOf("a"), undefined);
  deepEqual(
    world.told.filter((reason) => !reason.endsWith("IPAllocated")),
    ["Service NotAnnounced", "Service NotAnnounced", "Service Announced"],
  );
});

test("no Service is told anything about its announcement before its endpoints can be known", async () => {
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
  world.api.hook(({ verb, type }) => (verb === "list" && type.plural === "endpointslices" ? slow : undefined));
  world.api.put(resourceTypes.services, service("a"));
  world.start("one");
  await world.run(20_000);
  deepEqual([world.addressOf("a"), announcedOf("a")], ["10.0.0.0", undefined]);
  answer();
  await world.run(10_000);
  deepEqual(announcedOf("a"), ["False", "NoEndpoints"]);
});

test("the configuration keeps the limits of the backend that the operator is told, Herald's when it is told none", async () => {
  world.api.put(resourceTypes.bfdprofiles, { metadata: { namespace, name: "fast" } });
  const replicas = [world.start("one"), world.start("two", { backend: "native" })];
  await world.run(3_000);
  const errors = replicas.map(({ operator }) => operator.knowledge.configuration?.adopted.findings.map(({ code }) => code));
  deepEqual(
    errors.map((codes) => codes?.includes("NativeUnsupported")),
    [false, true],
  );
});
