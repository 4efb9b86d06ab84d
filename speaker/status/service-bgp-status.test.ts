import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { ServiceBGPStatus } from "../../crds/types/service-bgp-status.ts";
import { labels } from "../../crds/types/well-known.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { ObjectStore } from "../../operator/framework/informer/object-store.ts";
import { createStatusWriter } from "../../operator/framework/write/status-writer.ts";
import { createWriteLimiter } from "../../operator/framework/write/write-limiter.ts";
import { ServiceBGPStatusReconciler } from "./service-bgp-status.ts";
import { indexByService, serviceOfStatus } from "./service-status-objects.ts";

const namespace = "metallb-system";
const type = resourceTypes.servicebgpstatuses;
const web = { namespace: "default", name: "web" };

function setUp() {
  const api = new FakeApi();
  const statuses = new ObjectStore<ServiceBGPStatus>({ [indexByService]: serviceOfStatus });
  const peers = new Map<string, readonly string[]>();
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  let letter = 0;
  const reconciler = new ServiceBGPStatusReconciler({
    statuses,
    peers: (service) => peers.get(service) ?? [],
    api,
    deletions: limiter,
    creations: limiter,
    status: createStatusWriter({ api, limiter }),
    node: "n1",
    namespace,
    owner: { apiVersion: "v1", kind: "Pod", name: "speaker-n1", uid: "pod-uid" },
    clock,
    random: () => (letter++ % 20) / 27,
  });
  /** The informer catches up with the API server. */
  const observe = async (): Promise<readonly ServiceBGPStatus[]> => {
    const present = await api.list<ServiceBGPStatus>(type, {});
    for (const key of [...statuses.keys()]) statuses.set(key, undefined);
    for (const object of present) statuses.set(`${namespace}/${object.metadata.name}`, object);
    return present;
  };
  /** An object as the speaker of that node writes it. */
  const put = (name: string, node: string, of = "web"): void => {
    const own = { [labels.node]: node, [labels.serviceName]: "web", [labels.serviceNamespace]: "default" };
    const status = { node, serviceName: of, serviceNamespace: "default", peers: ["r1"] };
    api.put(type, { metadata: { name, namespace, labels: own }, status } as ServiceBGPStatus);
  };
  return { api, reconciler, peers, observe, put };
}

test("who advertises a Service names the peers, in an object owned by its Pod and labelled", async () => {
  const { reconciler, peers, observe } = setUp();
  peers.set("default/web", ["r1", "r2"]);
  await reconciler.reconcile(web);
  const [object] = await observe();
  deepEqual(object?.status, { node: "n1", serviceName: "web", serviceNamespace: "default", peers: ["r1", "r2"] });
  equal(object?.metadata.generateName, "bgp-");
  equal(object?.metadata.ownerReferences?.[0]?.uid, "pod-uid");
  deepEqual(object?.metadata.labels, {
    [labels.node]: "n1",
    [labels.serviceName]: "web",
    [labels.serviceNamespace]: "default",
  });
});

test("a change of the peers is written into the same object", async () => {
  const { reconciler, peers, observe } = setUp();
  peers.set("default/web", ["r1"]);
  await reconciler.reconcile(web);
  const [before] = await observe();
  peers.set("default/web", ["r2"]);
  await reconciler.reconcile(web);
  const after = await observe();
  deepEqual([after.length, after[0]?.metadata.name, after[0]?.status?.peers], [1, before?.metadata.name, ["r2"]]);
});

test("without peers the own objects go, and other nodes' stay", async () => {
  const { reconciler, observe, put } = setUp();
  put("bgp-a", "n1");
  put("bgp-b", "n2");
  await observe();
  await reconciler.reconcile(web);
  deepEqual(
    (await observe()).map(({ metadata }) => metadata.name),
    ["bgp-b"],
  );
});

test("own duplicates and objects of another identity are removed, other nodes' are left alone", async () => {
  const { reconciler, peers, observe, put } = setUp();
  peers.set("default/web", ["r1"]);
  put("bgp-a", "n1", "former");
  put("bgp-b", "n1");
  put("bgp-c", "n1");
  put("bgp-d", "n2");
  await observe();
  await reconciler.reconcile(web);
  deepEqual(
    (await observe()).map(({ metadata }) => metadata.name),
    ["bgp-b", "bgp-d"],
  );
});

test("what is written already is not written again", async () => {
  const { reconciler, peers, observe, api } = setUp();
  peers.set("default/web", ["r1"]);
  await reconciler.reconcile(web);
  await reconciler.reconcile(web);
  await observe();
  await reconciler.reconcile(web);
  deepEqual(
    api.requests.map(({ verb }) => verb).filter((verb) => verb !== "list"),
    ["create", "patch"],
  );
});
