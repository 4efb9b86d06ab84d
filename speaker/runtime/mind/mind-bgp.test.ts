import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { heraldAnnotations } from "../../../crds/types/well-known.ts";
import { MindWorld } from "../fake/mind-world.ts";
import { decisionsPage } from "../report/decisions.ts";
import { stateOf } from "../report/facts.ts";

/** n1's mind, with a pool, an advertisement by BGP and one Service that an endpoint elsewhere serves. */
async function announcing(spec: object = {}, before: (world: MindWorld) => void = () => undefined): Promise<MindWorld> {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.bgpAdvertisement(spec);
  world.service("web", "192.0.2.10");
  before(world);
  await world.start();
  return world;
}

const web = { "default/web": ["192.0.2.10/32 0"] };
const drained = { [heraldAnnotations.drain]: "true" };

test("the wire is told the first routes, that these are all, once, and then what changes", async () => {
  const world = await announcing();
  world.bgpAdvertisement({ communities: ["1:1"] });
  await world.pass(1_000);
  const told = world.posted.map(({ type }) => type).filter((type) => type.startsWith("routes"));
  deepEqual(told, ["routes", "routes-complete", "routes"]);
  deepEqual(world.routes, { "default/web": ["192.0.2.10/32 1"] });
  world.stop();
});

function putRouter({ api }: MindWorld): void {
  const spec = { myASN: 64512, peerASN: 64513, peerAddress: "172.30.0.1" };
  api.put(resourceTypes.bgppeers, { metadata: { name: "router", namespace: "metallb-system", generation: 1 }, spec });
}

/** The lists of a kind are not answered. @returns lets them be. */
function withhold({ api }: MindWorld, plural: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  api.hook(({ verb, type }) => (verb === "list" && type.plural === plural ? promise : undefined));
  return resolve;
}

function toldByBgp({ posted }: MindWorld): readonly string[] {
  return posted.map(({ type }) => type).filter((type) => type === "bgp-sessions" || type.startsWith("routes"));
}

for (const late of ["services", "endpointslices"]) {
  test(`sessions are opened while ${late} are still read, so that they come up meanwhile`, async () => {
    let letThemBe = (): void => undefined;
    const world = await announcing({}, (early) => {
      putRouter(early);
      letThemBe = withhold(early, late);
    });
    deepEqual(toldByBgp(world), ["bgp-sessions"]);
    letThemBe();
    await world.pass(200);
    deepEqual(toldByBgp(world), ["bgp-sessions", "routes", "routes-complete"]);
    world.stop();
  });
}

test("no session is opened before it is known whether MetalLB's speaker has it", async () => {
  let letThemBe = (): void => undefined;
  const world = await announcing({}, (early) => {
    putRouter(early);
    letThemBe = withhold(early, "pods");
  });
  deepEqual(toldByBgp(world), []);
  letThemBe();
  await world.pass(200);
  deepEqual(toldByBgp(world), ["bgp-sessions", "routes", "routes-complete"]);
  world.stop();
});

test("only what differs is sent", async () => {
  const world = await announcing();
  const before = world.posted.length;
  world.service("api", "192.0.2.11");
  world.service("web", "192.0.2.10");
  await world.pass(200);
  const changed = world.posted
    .slice(before)
    .flatMap((message) => (message.type === "routes" ? message.changes.map(({ service }) => service) : []));
  deepEqual(changed, ["default/api"]);
  world.stop();
});

test("a Service is withdrawn when no endpoint serves, and when it goes", async () => {
  const world = await announcing();
  world.endpoint("web", false);
  await world.pass(100);
  deepEqual(world.routes, {});
  world.endpoint("web", true);
  await world.pass(100);
  deepEqual(world.routes, web);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  deepEqual(world.routes, {});
  deepEqual([...world.mind.bgp.entries()], []);
  world.stop();
});

test("each protocol has its event, gauge and history of its own, and ends by itself", async () => {
  const world = await announcing();
  const said = () => world.recorded.filter((text) => text.includes("nodeAssigned"));
  deepEqual(said(), [
    'web Normal nodeAssigned announcing from node "n1" with protocol "layer2"',
    'web Normal nodeAssigned announcing from node "n1" with protocol "bgp"',
  ]);
  const gauges = async () =>
    (await world.metrics.text()).split("\n").filter((line) => line.startsWith("metallb_speaker_announced{"));
  equal((await gauges()).length, 2);
  world.api.remove(resourceTypes.bgpadvertisements, { namespace: "metallb-system", name: "bgp" });
  await world.pass(200);
  const [left, ...others] = await gauges();
  ok(left?.includes('protocol="layer2"') && others.length === 0);
  const last = world.mind.report.history.entries().at(-1)?.event;
  deepEqual([last?.protocol, last?.cause, last?.reason], ["bgp", "configuration", "notOwner"]);
  ok((await world.metrics.text()).includes('herald_bgp_transitions_total{to="withdrawn",cause="configuration"} 1'));
  world.stop();
});

test("other attributes change the route, and are no event", async () => {
  const world = await announcing();
  const events = world.recorded.length;
  world.bgpAdvertisement({ communities: ["1:1"] });
  await world.pass(200);
  deepEqual(world.routes, { "default/web": ["192.0.2.10/32 1"] });
  equal(world.recorded.length, events);
  world.stop();
});

test("another address within the same aggregate changes no route, and has its gauge", async () => {
  const world = await announcing({ aggregationLength: 24 });
  const messages = world.posted.filter(({ type }) => type === "routes").length;
  world.service("web", "192.0.2.11");
  await world.pass(200);
  equal(world.posted.filter(({ type }) => type === "routes").length, messages);
  const text = await world.metrics.text();
  ok(text.includes('protocol="bgp",node="n1",ip="192.0.2.11"') && !text.includes('protocol="bgp",node="n1",ip="192.0.2.10"'));
  world.stop();
});

test("an unknown community changes nothing of what is announced, and no new Service is announced with it", async () => {
  const world = await announcing({ communities: ["1:1"] });
  world.bgpAdvertisement({ communities: ["1:1", "no-such"] });
  await world.pass(200);
  world.service("api", "192.0.2.11");
  await world.pass(200);
  deepEqual(world.routes, { "default/web": ["192.0.2.10/32 1"] });
  world.stop();
});

test("a node that is drained gives notice for 30 seconds, withdraws, and is back as it was when that is over", async () => {
  const world = await announcing();
  world.node("n1", true, {}, drained);
  await world.pass(200);
  deepEqual(world.routes, { "default/web": ["192.0.2.10/32 1"] });
  await world.pass(29_000);
  deepEqual(world.routes, { "default/web": ["192.0.2.10/32 1"] });
  await world.pass(1_000);
  deepEqual(world.routes, {});
  equal(world.mind.report.history.entries().at(-1)?.event.cause, "drain");
  world.node("n1");
  await world.pass(200);
  deepEqual(world.routes, web);
  world.stop();
});

test("a drain that is taken back within the wait withdraws nothing", async () => {
  const world = await announcing();
  world.node("n1", true, {}, drained);
  await world.pass(10_000);
  world.node("n1");
  await world.pass(60_000);
  deepEqual(world.routes, web);
  world.stop();
});

test("a cordon withdraws nothing and gives no notice: the wire hears nothing of it, nor of taints", async () => {
  const world = await announcing();
  const before = world.posted.length;
  const taints = [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }];
  const cordoned = {
    metadata: { name: "n1", labels: {} },
    spec: { unschedulable: true, taints },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  };
  world.api.put(resourceTypes.nodes, cordoned);
  await world.pass(60_000);
  deepEqual([world.posted.slice(before), world.routes], [[], web]);
  world.stop();
});

test("a node that is not Ready withdraws nothing, and only its speaker's end is then a farewell", async () => {
  const world = await announcing();
  const before = world.posted.length;
  world.node("n1", false);
  await world.pass(60_000);
  const told = world.posted.slice(before).filter(({ type }) => type === "node-drains" || type === "routes");
  deepEqual([told, world.routes], [[{ type: "node-drains", drains: true }], web]);
  world.stop();
});

for (const [how, change] of [
  ["its network is unavailable", { conditions: [{ type: "NetworkUnavailable", status: "True" }] }],
  ["it is labelled to be left out", { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } }],
] as const)
  test(`a node withdraws its routes when ${how}, and tells them again when that is over`, async () => {
    const world = await announcing();
    const conditions = "conditions" in change ? change.conditions : [];
    const labels = "labels" in change ? change.labels : {};
    world.api.put(resourceTypes.nodes, { metadata: { name: "n1", labels }, status: { conditions } });
    await world.pass(1_000);
    deepEqual(world.routes, {});
    world.node("n1");
    await world.pass(1_000);
    deepEqual(world.routes, web);
    world.stop();
  });

test("a node that is drained when its speaker starts announces nothing", async () => {
  const world = await announcing({}, (before) => before.node("n1", true, {}, drained));
  deepEqual(world.routes, {});
  world.stop();
});

test("state and decisions tell the routes, or why there are none", async () => {
  const world = await announcing({ aggregationLength: 24, peers: ["router"], communities: ["1:1"] });
  world.service("idle", "192.0.2.12", false);
  await world.pass(100);
  const { announced } = stateOf(world.mind, "n1") as { readonly announced: readonly { readonly protocol: string }[] };
  const route = {
    prefix: "192.0.2.0/24",
    advertisement: "bgp",
    peers: ["router"],
    localPref: 0,
    asPathPrepend: 0,
    communities: ["1:1"],
  };
  deepEqual(
    announced.filter(({ protocol }) => protocol === "bgp"),
    [{ service: "default/web", protocol: "bgp", routes: [route] }],
  );
  const { services } = (await decisionsPage(world.mind, "")) as { readonly services: readonly { readonly bgp: object }[] };
  deepEqual(
    services.map(({ bgp }) => bgp),
    [
      {
        announced: false,
        reason: "noEndpoints",
        why: "no endpoint of the Service is ready or serving; look at its Pods and selector",
      },
      { announced: true, routes: [route] },
    ],
  );
  world.stop();
});
