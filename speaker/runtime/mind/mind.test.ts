import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { KubeError } from "../../../operator/framework/api/kube-api.ts";
import { MindWorld } from "../fake/mind-world.ts";
import { stateOf } from "../report/facts.ts";

/** A world with n1 alone, a pool and one Service. */
async function alone(): Promise<MindWorld> {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  await world.start();
  return world;
}

const web = { "default/web": ["c000020a"] };

test("the wire is told what to announce once everything has been read", async () => {
  const world = await alone();
  deepEqual(world.announced, web);
  ok(world.shared.mindReady);
  deepEqual(world.transitions, ["default/web"]);
  world.stop();
});

test("nothing is decided before the wire has said which interfaces there are", async () => {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  world.shared.setTapsAlive(true);
  void world.mind.start(AbortSignal.timeout(60_000));
  await world.pass(200);
  deepEqual([world.posted, world.shared.mindReady], [[], false]);
  world.mind.receive({ type: "interfaces", names: ["eth0"], usable: [] });
  await world.pass(50);
  deepEqual(world.announced, web);
});

test("nothing is decided before configuration could be read", async () => {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  world.api.fail(({ verb, type }) => verb === "list" && type.plural === "l2advertisements", new Error("connection reset"), 1);
  await world.start();
  deepEqual([world.posted, world.shared.mindReady], [[], false]);
  await world.pass(2_000);
  deepEqual(world.announced, web);
  world.stop();
});

test("only differences are sent", async () => {
  const world = await alone();
  const before = world.posted.length;
  world.service("web", "192.0.2.10");
  world.service("api", "192.0.2.11");
  await world.pass(200);
  deepEqual(
    world.posted
      .slice(before)
      .flatMap((message) => (message.type === "changes" ? message.changes.map(({ service }) => service) : [])),
    ["default/api"],
  );
  world.stop();
});

test("a Service is withdrawn when it goes, and when no endpoint of it serves", async () => {
  const world = await alone();
  world.service("web", "192.0.2.10", false);
  await world.pass(100);
  deepEqual(world.announced, {});
  world.service("web", "192.0.2.10");
  await world.pass(100);
  deepEqual(world.announced, web);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  deepEqual(world.announced, {});
  world.stop();
});

test("a pool that is broken keeps announcing by its last good meaning, and the gauge says stale", async () => {
  const world = await alone();
  world.api.put(resourceTypes.ipaddresspools, {
    metadata: { name: "pool", namespace: "metallb-system" },
    spec: { addresses: ["nonsense"] },
  } as { readonly metadata: { readonly name: string } });
  await world.pass(200);
  deepEqual(world.announced, web);
  ok((await world.metrics.text()).includes("\nmetallb_k8s_client_config_stale_bool 1\n"));
  equal(
    world.mind.findings()?.some(({ severity }) => severity === "error"),
    true,
  );
  world.stop();
});

test("a Service whose pool was deleted is withdrawn", async () => {
  const world = await alone();
  world.api.remove(resourceTypes.ipaddresspools, { namespace: "metallb-system", name: "pool" });
  await world.pass(200);
  deepEqual(world.announced, {});
  world.stop();
});

test("of two nodes exactly one announces, and the other takes over when its Pod is no longer ready", async () => {
  const world = await alone();
  world.node("n2");
  world.speaker("n2");
  for (let i = 0; i < 20; i += 1) world.service(`s${i}`, `192.0.2.${100 + i}`);
  await world.pass(200);
  const shared = Object.keys(world.announced).length;
  ok(shared > 0 && shared < 21, `${shared} of 21`);
  world.speaker("n2", false);
  await world.pass(200);
  equal(Object.keys(world.announced).length, 21);
  world.stop();
});

test("after a change among the candidates what remains is announced again, once what has moved was withdrawn", async () => {
  const world = await alone();
  for (let i = 0; i < 20; i += 1) world.service(`s${i}`, `192.0.2.${100 + i}`);
  await world.pass(100);
  const before = world.posted.length;
  world.node("n2");
  world.speaker("n2");
  await world.pass(100);
  const types = world.posted.slice(before).map(({ type }) => type);
  ok(types.includes("changes") && types.at(-1) === "announce-again", types.join(" "));
  world.stop();
});

test("a new configuration announces every address again; one that means the same does nothing", async () => {
  const world = await alone();
  const before = world.posted.length;
  world.api.put(resourceTypes.communities, { metadata: { name: "c", namespace: "metallb-system" } });
  world.node("n1", true, { "example.com/rack": "7" });
  await world.pass(200);
  deepEqual(world.posted.slice(before), []);
  world.pool(["eth0", "eth1"]);
  await world.pass(200);
  deepEqual(
    world.posted.slice(before).map(({ type }) => type),
    ["changes", "announce-again"],
  );
  world.stop();
});

test("an object that is set aside is logged once, however often configuration is compiled", async () => {
  const world = await alone();
  world.api.put(resourceTypes.ipaddresspools, {
    metadata: { name: "bad", namespace: "metallb-system" },
    spec: { addresses: ["nonsense"] },
  } as { readonly metadata: { readonly name: string } });
  await world.pass(200);
  for (let i = 0; i < 3; i += 1) {
    world.node("n1", true, { round: String(i) });
    await world.pass(200);
  }
  equal(world.log.at("warn").length, 1);
  world.stop();
});

test("a list of Pods that is refused late does not keep the speaker waiting", async () => {
  const world = new MindWorld();
  const { promise: refusal, resolve: refuse } = Promise.withResolvers<void>();
  world.api.hook(async ({ type }) => {
    if (type.plural !== "pods") return;
    await refusal;
    throw new KubeError("pods is forbidden", 403, "Forbidden");
  });
  world.node("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  await world.start();
  deepEqual(world.announced, {});
  refuse();
  await world.pass(500);
  deepEqual(world.announced, web);
  world.stop();
});

test("while the wire is held this node is no member, and it is one again when the wire is back", async () => {
  const world = await alone();
  world.node("n2");
  world.speaker("n2");
  await world.pass(200);
  const before = world.announced;
  world.holdWire(true);
  await world.pass(2_000);
  deepEqual(world.announced, {});
  world.holdWire(false);
  await world.pass(500);
  deepEqual(world.announced, before);
  world.stop();
});

test("an affirmation follows the whole intent as decided after it was asked for", async () => {
  const world = await alone();
  world.holdWire(true);
  await world.pass(3_000);
  deepEqual(world.announced, {});
  world.holdWire(false);
  world.shared.tick(world.clock.monotonic() + 1);
  world.mind.receive({ type: "affirm", epoch: 7 });
  await world.pass(50);
  deepEqual(world.announced, web);
  deepEqual(world.posted.at(-1), { type: "affirmed", epoch: 7 });
  world.stop();
});

test("events: nodeAssigned when an announcement begins, none when it is decided again or ends", async () => {
  const world = await alone();
  const assigned = 'web Normal nodeAssigned announcing from node "n1" with protocol "layer2"';
  deepEqual(world.recorded, [assigned]);
  world.node("n1", true, { changed: "yes" });
  await world.pass(200);
  deepEqual(world.recorded, [assigned]);
  world.endpoint("web", false);
  await world.pass(200);
  deepEqual([world.announced, world.recorded], [{}, [assigned]]);
  world.stop();
});

test("an advertisement whose interfaces do not exist here announces nothing and gives one warning event", async () => {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool(["bond7"]);
  world.service("web", "192.0.2.10");
  await world.start();
  deepEqual(world.announced, {});
  const warning =
    'web Warning announceFailed the interfaces specified by LB IP "192.0.2.10" ' +
    'don\'t exist in assigned node "n1" with protocol "layer2"';
  deepEqual(world.recorded, [warning]);
  world.mind.receive({ type: "interfaces", names: ["bond7", "eth0"], usable: [] });
  await world.pass(50);
  deepEqual(world.announced, web);
  world.stop();
});

test("the gauge has one series for each announced address and loses it with the announcement", async () => {
  const world = await alone();
  const series = 'metallb_speaker_announced{service="default/web",protocol="layer2",node="n1",ip="192.0.2.10"} 1';
  ok((await world.metrics.text()).includes(series));
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  ok(!(await world.metrics.text()).includes("metallb_speaker_announced{"));
  world.stop();
});

test("frames that the wire counted become MetalLB's counters", async () => {
  const world = await alone();
  world.mind.receive({ type: "counts", counts: [{ ip: "192.0.2.10", requests: 3, responses: 2, gratuitous: 10 }] });
  const text = await world.metrics.text();
  ok(text.includes('metallb_layer2_requests_received{ip="192.0.2.10"} 3'));
  ok(text.includes('metallb_layer2_responses_sent{ip="192.0.2.10"} 2'));
  ok(text.includes('metallb_layer2_gratuitous_sent{ip="192.0.2.10"} 10'));
  world.stop();
});

test("where Pods may not be listed every Ready node is a candidate", async () => {
  const world = new MindWorld();
  const denied = new KubeError("pods is forbidden", 403, "Forbidden");
  world.api.fail(({ type }) => type.plural === "pods", denied, 1_000);
  world.node("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  await world.start();
  await world.pass(500);
  deepEqual(world.announced, web);
  world.stop();
});

test("the state says what is announced and who the candidates are", async () => {
  const world = await alone();
  deepEqual(stateOf(world.mind, "n1"), {
    node: "n1",
    deciding: true,
    candidates: ["n1"],
    membership: null,
    foreignSpeakers: [],
    interfaces: ["eth0"],
    pools: ["pool"],
    findings: [],
    outdated: {},
    rivals: { conflicts: [], yielded: [] },
    bfd: { sessions: [], waiting: [] },
    bgp: [],
    announced: [{ service: "default/web", protocol: "layer2", addresses: [{ ip: "192.0.2.10", interfaces: [] }] }],
  });
  deepEqual(
    world.mind.report.history.entries().map(({ event }) => event),
    [
      {
        key: "default/web",
        protocol: "layer2",
        before: [],
        after: ["192.0.2.10"],
        cause: "start",
        reason: undefined,
        owner: undefined,
      },
    ],
  );
  world.stop();
});

test("what is announced counts as known only after every Service was decided on once", async () => {
  const world = new MindWorld();
  let known = false;
  void world.mind.decided.then(() => {
    known = true;
  });
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  world.api.fail(({ verb, type }) => verb === "list" && type.plural === "services", new Error("connection reset"), 1);
  await world.start();
  equal(known, false);
  await world.pass(2_000);
  deepEqual([known, world.announced], [true, web]);
  world.stop();
});
