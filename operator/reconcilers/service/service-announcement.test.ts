import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { context as contextOf } from "../../../speaker/intent/fixture/world.ts";
import { service } from "../../allocation/fake/services.ts";
import { Standings } from "../../explain/standings.ts";
import { KubeError } from "../../framework/api/kube-api.ts";
import { AnnouncingCluster } from "../fake/announcing-cluster.ts";
import { namespace } from "../fake/cluster.ts";
import { foreignCondition } from "../fake/foreign-condition.ts";
import { LatestServices } from "./latest-services.ts";
import { ServiceAnnouncementReconciler } from "./service-announcement.ts";

let cluster: AnnouncingCluster;
beforeEach(() => {
  cluster = new AnnouncingCluster();
  cluster.putPool("p", ["10.0.0.0/24"]);
  cluster.putNode("a");
  cluster.putNode("b");
});
afterEach(() => cluster.close());

const put = (of: Service): Service => cluster.api.put(resourceTypes.services, of);
const stored = (name: string): Service | undefined =>
  cluster.api.peek<Service>(resourceTypes.services, { namespace: "default", name });
const withdraw = (name: string): void => cluster.api.remove(resourceTypes.l2advertisements, { namespace, name });
const silentCount = (): number | undefined => cluster.announcements.silent?.size;
/** What was told beside the gain of addresses. */
const told = (): readonly string[] =>
  cluster.told.filter((text) => !text.startsWith("IPAllocated")).map((text) => text.slice(0, 60));

/** A Service that is announced, in a cluster that has settled. */
async function announced(name = "web"): Promise<void> {
  cluster.putAdvertisement("l2");
  put(service(name));
  cluster.putEndpoints(name, ["a"]);
  await cluster.start();
}

/** A Service that was told that no node announces it. */
async function silent(): Promise<void> {
  put(service("web"));
  cluster.putEndpoints("web", ["a"]);
  await cluster.start();
  await cluster.run(6_000);
  equal(cluster.announcedOf("web")?.[0], "False");
}

describe("a Service that is announced all along", () => {
  test("is written once, for its address", async () => {
    cluster.putAdvertisement("l2");
    await cluster.start();
    for (let index = 0; index < 50; index++) {
      put(service(`s${index}`));
      cluster.putEndpoints(`s${index}`, ["a"]);
    }
    await cluster.run(60_000);
    equal(cluster.serviceWrites, 50);
    equal(stored("s0")?.status?.conditions, undefined);
    deepEqual(told(), []);
  });

  test("is told nothing when another node takes it over", async () => {
    await announced();
    cluster.putSpeaker("a", false);
    await cluster.run(10_000);
    cluster.putSpeaker("a", true);
    cluster.putSpeaker("b", false);
    await cluster.run(10_000);
    equal(cluster.serviceWrites, 1);
  });

  test("is told nothing of a silence that passes", async () => {
    await announced();
    cluster.putEndpoints("web", ["a"], false);
    await cluster.run(4_000);
    cluster.putEndpoints("web", ["a"]);
    await cluster.run(1_000);
    cluster.putEndpoints("web", ["a"], false);
    await cluster.run(4_000);
    cluster.putEndpoints("web", ["a"]);
    await cluster.run(20_000);
    equal(cluster.serviceWrites, 1);
    deepEqual(told(), []);
  });
});

describe("a Service that no node announces", () => {
  test("is told so with the reason, once, in a condition and an event", async () => {
    put(service("web"));
    cluster.putEndpoints("web", ["a"]);
    await cluster.start();
    equal(cluster.announcedOf("web"), undefined);
    equal(silentCount(), 0);
    await cluster.run(6_000);
    const [status, reason, message = ""] = cluster.announcedOf("web") ?? [];
    deepEqual([status, reason], ["False", "NoAdvertisement"]);
    match(message, /^no node announces 10\.0\.0\.0: no advertisement selects pool "p": add an L2Advertisement/);
    await cluster.run(60_000);
    equal(cluster.serviceWrites, 2);
    deepEqual(told(), [`NotAnnounced: ${message}`.slice(0, 60)]);
    deepEqual([...(cluster.announcements.silent ?? [])], [["default/web", message]]);
  });

  test("has no address, and a hostname that another wrote: that is no address either, and its status comes to rest", async () => {
    cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
    put({ ...service("web"), status: { loadBalancer: { ingress: [{ hostname: "lb.example" }] } } });
    cluster.api.hook(() => {
      if (cluster.serviceWrites > 20) throw new KubeError("enough", 403, "Forbidden");
    });
    await cluster.start();
    await cluster.run(60_000);
    equal(cluster.announcedOf("web"), undefined);
    equal(cluster.serviceWrites, 1);
  });

  test("is told once that one does again", async () => {
    await silent();
    cluster.putAdvertisement("l2");
    await cluster.run(3_000);
    equal(cluster.announcedOf("web"), undefined);
    await cluster.run(60_000);
    equal(cluster.serviceWrites, 3);
    deepEqual(
      told().map((text) => text.split(":")[0]),
      ["NotAnnounced", "Announced"],
    );
    equal(silentCount(), 0);
  });

  test("is not told that one does when that passes within a second", async () => {
    await silent();
    cluster.putAdvertisement("l2");
    await cluster.run(500);
    withdraw("l2");
    await cluster.run(60_000);
    equal(cluster.serviceWrites, 2);
  });

  test("is not told again after a restart", async () => {
    put(service("other"));
    await silent();
    equal(silentCount(), 2);
    cluster.announcements.close();
    equal(silentCount(), undefined);
    cluster.api.remove(resourceTypes.services, { namespace: "default", name: "other" });
    await cluster.run();
    cluster.announcements.open();
    await cluster.run(60_000);
    equal(cluster.serviceWrites, 4);
    equal(told().length, 2);
    equal(silentCount(), 1);
  });

  test("gets an event when the reason becomes another, and none when other nodes have the same", async () => {
    await silent();
    cluster.putSpeaker("a", false);
    cluster.putSpeaker("b", false);
    cluster.api.remove(resourceTypes.pods, { namespace, name: "speaker-a" });
    cluster.api.remove(resourceTypes.pods, { namespace, name: "speaker-b" });
    cluster.putAdvertisement("l2");
    await cluster.run(10_000);
    match(cluster.announcedOf("web")?.[2] ?? "", /nodes a, b: no speaker/);
    const writes = cluster.serviceWrites;
    for (const name of ["c", "d", "e"]) {
      cluster.api.put(resourceTypes.nodes, { metadata: { name } });
      await cluster.run(1_000);
    }
    await cluster.run(10_000);
    match(cluster.announcedOf("web")?.[2] ?? "", /nodes a, b, c, d, e: no speaker/);
    equal(cluster.serviceWrites, writes + 1, "changes of the words alone are gathered");
    deepEqual(
      told().map((text) => text.split(":")[0]),
      ["NotAnnounced", "NotAnnounced"],
    );
  });

  test("keeps the conditions of others", async () => {
    put({ ...service("web"), status: { conditions: [foreignCondition] } });
    await cluster.start();
    await cluster.run(6_000);
    deepEqual(
      stored("web")?.status?.conditions?.map(({ type }) => type),
      [foreignCondition.type, "herald-lb.io/Announced"],
    );
    put({ ...service("web"), spec: { type: "ClusterIP" }, status: stored("web")?.status ?? {} });
    await cluster.run();
    deepEqual(stored("web")?.status?.conditions, [foreignCondition]);
  });

  test("loses the condition with its address, in the same write", async () => {
    await silent();
    cluster.putPool("p", ["10.0.0.0/24"], { serviceAllocation: { namespaces: ["other"] } });
    await cluster.run(10_000);
    equal(cluster.addressesOf("web"), "");
    equal(cluster.announcedOf("web"), undefined);
    equal(cluster.serviceWrites, 3);
  });

  test("is told about the version that is stored, whoever wrote it", async () => {
    put(service("web"));
    await cluster.start();
    const conflict = new KubeError("modified", 409, "Conflict");
    cluster.api.fail(({ verb, type }) => verb === "patch" && type.plural === "services", conflict, 2);
    await cluster.run(10_000);
    equal(cluster.announcedOf("web")?.[0], "False");
    equal(told().length, 1);
    const reads = cluster.api.requests.filter(({ verb, key }) => verb === "get" && key?.name === "web");
    equal(reads.length, 2, "after a conflict, what is stored is looked at");
  });

  test("is not told twice while the watch is behind", async () => {
    const { api, clock, status, events } = cluster;
    const context = contextOf(["a"], () => new Uint8Array(32));
    const web = api.put(resourceTypes.services, service("web", { published: ["192.0.2.1"] }));
    const behind = { synced: true, size: 1, get: () => web, list: () => [web].values() };
    const reconciler = new ServiceAnnouncementReconciler({
      services: new LatestServices(api, behind, clock),
      context: () => context,
      endpointsOf: () => [],
      standings: new Standings(),
      pace: async () => {},
      busy: () => false,
      enqueue: () => undefined,
      clock,
      status,
      events,
    });
    const request = { namespace: "default", name: "web" };
    deepEqual(await reconciler.reconcile(request), { requeueAfterMs: 5_000 });
    clock.tick(5_000);
    for (let attempt = 0; attempt < 3; attempt++) deepEqual(await reconciler.reconcile(request), {});
    equal(cluster.serviceWrites, 1);
  });
});

describe("the replica", () => {
  test("that does not lead tells nobody", async () => {
    put(service("web"));
    await cluster.start();
    cluster.leading = false;
    await cluster.run(20_000);
    equal(cluster.announcedOf("web"), undefined);
  });

  test("gives up a write that is still to be sent when leadership ends", async () => {
    put(service("web"));
    await cluster.start();
    const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
    cluster.api.hook(({ verb, type }) => (verb === "patch" && type.plural === "services" ? slow : undefined));
    for (let index = 0; index < 20; index++) put(service(`s${index}`));
    await cluster.run(8_000);
    const underWay = cluster.serviceWrites;
    cluster.leading = false;
    answer();
    await cluster.run();
    equal(cluster.serviceWrites, underWay);
    equal(cluster.announcedOf("web"), undefined);
  });

  test("lets addresses go first, but not for ever", async () => {
    put(service("web"));
    cluster.busy = true;
    await cluster.start();
    await cluster.run(25_000);
    equal(cluster.announcedOf("web"), undefined);
    await cluster.run(10_000);
    equal(cluster.announcedOf("web")?.[0], "False");
  });

  test("tells as soon as addresses need no more writing", async () => {
    put(service("web"));
    cluster.busy = true;
    await cluster.start();
    await cluster.run(10_000);
    equal(cluster.announcedOf("web"), undefined);
    cluster.busy = false;
    await cluster.run(500);
    equal(cluster.announcedOf("web")?.[0], "False");
  });

  test("that may not read endpoints gives addresses and tells nothing", async () => {
    const forbidden = new AnnouncingCluster({ mayReadEndpoints: false });
    forbidden.putPool("p", ["10.0.0.0/24"]);
    forbidden.api.put(resourceTypes.services, service("web"));
    await forbidden.start();
    await forbidden.run(20_000);
    deepEqual([forbidden.addressesOf("web"), forbidden.announcedOf("web")], ["10.0.0.0", undefined]);
    await forbidden.close();
  });
});
