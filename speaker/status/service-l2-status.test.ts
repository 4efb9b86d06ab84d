import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../crds/net/address.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { ServiceL2Status } from "../../crds/types/service-l2-status.ts";
import { labels } from "../../crds/types/well-known.ts";
import { KubeError } from "../../operator/framework/api/kube-api.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { ObjectStore } from "../../operator/framework/informer/object-store.ts";
import { createStatusWriter } from "../../operator/framework/write/status-writer.ts";
import { createWriteLimiter, type WriteLimiter } from "../../operator/framework/write/write-limiter.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { ServiceL2StatusReconciler } from "./service-l2-status.ts";
import { indexByService, serviceOfStatus } from "./service-status-objects.ts";

const namespace = "metallb-system";
const type = resourceTypes.servicel2statuses;
const web = { namespace: "default", name: "web" };
const owner = { apiVersion: "v1", kind: "Pod", name: "speaker-n1", uid: "pod-uid" };

function announcement(...interfaces: readonly string[]): L2Announcement {
  const address = parseAddress("192.0.2.2");
  if (address === undefined) throw new RangeError();
  return { address, interfaces };
}

function setUp(creations?: WriteLimiter) {
  const api = new FakeApi();
  const statuses = new ObjectStore<ServiceL2Status>({ [indexByService]: serviceOfStatus });
  const announced = new Map<string, readonly L2Announcement[]>();
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  const reconciler = new ServiceL2StatusReconciler({
    statuses,
    announced: (service) => announced.get(service) ?? [],
    api,
    deletions: limiter,
    creations: creations ?? limiter,
    status: createStatusWriter({ api, limiter }),
    node: "n1",
    namespace,
    owner,
    clock,
    random: () => 0,
  });
  /** The informer catches up with the API server. */
  const observe = async (): Promise<readonly ServiceL2Status[]> => {
    const present = await api.list<ServiceL2Status>(type, {});
    for (const key of [...statuses.keys()]) statuses.set(key, undefined);
    for (const object of present) statuses.set(`${namespace}/${object.metadata.name}`, object);
    return present;
  };
  /** The informer shows an object as it was at some time. */
  const show = (object: ServiceL2Status): void => {
    statuses.set(`${namespace}/${object.metadata.name}`, object);
  };
  /** An object as the speaker of that node writes it. */
  const put = (name: string, node: string, interfaces?: readonly { readonly name: string }[]): void => {
    const own = { [labels.node]: node, [labels.serviceName]: "web", [labels.serviceNamespace]: "default" };
    const status = { node, serviceName: "web", serviceNamespace: "default", ...(interfaces !== undefined && { interfaces }) };
    const object: ServiceL2Status = { metadata: { name, namespace, labels: own }, status };
    api.put(type, object);
  };
  return { api, clock, reconciler, announced, observe, show, put };
}

test("who announces makes one object, owned by its Pod, labelled, with the status in a second step", async () => {
  const { reconciler, announced, observe, api } = setUp();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  const [object] = await observe();
  deepEqual(object?.metadata.labels, {
    "metallb.io/node": "n1",
    "metallb.io/service-name": "web",
    "metallb.io/service-namespace": "default",
  });
  deepEqual(object?.metadata.ownerReferences, [owner]);
  equal(object?.metadata.name.startsWith("l2-"), true);
  deepEqual(object?.status, { node: "n1", serviceName: "web", serviceNamespace: "default" });
  deepEqual(api.requests.map(({ verb, subresource }) => [verb, subresource]).slice(0, 2), [
    ["create", undefined],
    ["patch", "status"],
  ]);
});

test("interfaces are listed only when the advertisement limits them, and go when it no longer does", async () => {
  const { reconciler, announced, observe } = setUp();
  announced.set("default/web", [announcement("eth0", "eth1")]);
  await reconciler.reconcile(web);
  deepEqual((await observe())[0]?.status?.interfaces, [{ name: "eth0" }, { name: "eth1" }]);
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  equal((await observe())[0]?.status?.interfaces, undefined);
});

test("a second reconciliation before the informer has seen the object makes no second one", async () => {
  const { reconciler, announced, observe, api } = setUp();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  await reconciler.reconcile(web);
  equal((await observe()).length, 1);
  await reconciler.reconcile(web);
  deepEqual(
    api.requests.map(({ verb }) => verb).filter((verb) => verb !== "list"),
    ["create", "patch"],
  );
});

test("the status is not written again while the informer shows only the creation", async () => {
  const { reconciler, announced, observe, show, api } = setUp();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  const [written] = await observe();
  if (written === undefined) throw new RangeError();
  const { status: _, ...created } = written;
  show({ ...created, metadata: { ...created.metadata, resourceVersion: "1" } });
  await reconciler.reconcile(web);
  deepEqual(
    api.requests.map(({ verb }) => verb).filter((verb) => verb !== "list"),
    ["create", "patch"],
  );
});

test("who announces removes what other nodes have said, and own duplicates", async () => {
  const { reconciler, announced, observe, put } = setUp();
  put("l2-aaaaa", "n1");
  put("l2-bbbbb", "n1");
  put("l2-ccccc", "n2");
  await observe();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  deepEqual(
    (await observe()).map(({ metadata }) => metadata.name),
    ["l2-aaaaa"],
  );
});

test("who does not announce removes only its own objects", async () => {
  const { reconciler, observe, put } = setUp();
  put("l2-aaaaa", "n1");
  put("l2-ccccc", "n2");
  await observe();
  await reconciler.reconcile(web);
  deepEqual(
    (await observe()).map(({ metadata }) => metadata.name),
    ["l2-ccccc"],
  );
});

test("an object of another identity under our label is replaced, never updated", async () => {
  const { reconciler, announced, observe, api } = setUp();
  const own = { [labels.node]: "n1", [labels.serviceName]: "web", [labels.serviceNamespace]: "default" };
  const status = { node: "n9", serviceName: "web", serviceNamespace: "default" };
  const foreign: ServiceL2Status = { metadata: { name: "l2-zzzzz", namespace, labels: own }, status };
  api.put(type, foreign);
  await observe();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  const present = await observe();
  deepEqual([present.length, present[0]?.status?.node, present[0]?.metadata.name === "l2-zzzzz"], [1, "n1", false]);
});

test("a deletion that fails is tried again before anything is written", async () => {
  const { reconciler, announced, observe, put, api } = setUp();
  put("l2-ccccc", "n2");
  await observe();
  announced.set("default/web", [announcement()]);
  api.fail(({ verb }) => verb === "delete", new KubeError("no", 500, "InternalError"));
  await rejects(reconciler.reconcile(web), { message: "no" });
  deepEqual(
    (await observe()).map(({ metadata }) => metadata.name),
    ["l2-ccccc"],
  );
});

test("an object that others delete is made again, but not more than once a second", async () => {
  const { reconciler, announced, observe, api, clock } = setUp();
  announced.set("default/web", [announcement()]);
  await reconciler.reconcile(web);
  const [first] = await observe();
  await api.delete(type, { namespace, name: first?.metadata.name ?? "" });
  await observe();
  await reconciler.reconcile(web);
  deepEqual(await reconciler.reconcile(web), { requeueAfterMs: 5_000 }, "the informer may not have seen it yet");
  clock.tick(5_000);
  await reconciler.reconcile(web);
  const [second] = await observe();
  equal((await observe()).length, 1);
  await reconciler.reconcile(web);
  await api.delete(type, { namespace, name: second?.metadata.name ?? "" });
  await observe();
  clock.tick(400);
  deepEqual(await reconciler.reconcile(web), { requeueAfterMs: 600 });
  equal((await observe()).length, 0);
  clock.tick(600);
  await reconciler.reconcile(web);
  equal((await observe()).length, 1);
});

test("what is not true any more goes at once, however many creations wait", async () => {
  const clock = new FakeClock();
  const creations = createWriteLimiter({ clock, rate: { perSecond: 1, burst: 1 } });
  const { reconciler, announced, observe, put } = setUp(creations);
  void creations.run(() => new Promise(() => {}));
  announced.set("default/other", [announcement()]);
  void reconciler.reconcile({ namespace: "default", name: "other" });
  put("l2-old", "n1");
  await observe();
  await reconciler.reconcile(web);
  equal((await observe()).length, 0);
});
