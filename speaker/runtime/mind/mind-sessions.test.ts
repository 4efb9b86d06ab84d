import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { KubeError } from "../../../operator/framework/api/kube-api.ts";
import type { BgpSessionFacts } from "../bgp/bgp-facts.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";

const none = { open: 0, update: 0, notification: 0, keepalive: 0, "route-refresh": 0 };
const down: BgpSessionFacts = {
  key: "r1",
  peers: ["r1"],
  endpoint: { type: "address", address: { family: "IPv4", bits: 0xac1e_0001n } },
  port: 179,
  state: "Idle",
  sinceMs: 0,
  lastError: "172.30.0.1 refused: bad peer AS 64512, expected 64513",
  wanted: 0,
  advertised: 0,
  unsendable: 0,
  counts: { sent: none, received: none },
};

function putPeer(world: MindWorld, name: string, spec: object = {}): void {
  world.api.put(resourceTypes.bgppeers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name, namespace },
    spec: { myASN: 64_512, peerASN: 64_513, peerAddress: `172.30.0.${name.slice(1)}`, ...spec },
  } as { readonly metadata: { readonly name: string } });
}

async function withPeers(...names: readonly string[]): Promise<MindWorld> {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.bgpAdvertisement({});
  world.service("web", "192.0.2.10");
  for (const name of names) putPeer(world, name);
  await world.start();
  return world;
}

test("a Service is advertised to the peers of this node that its advertisements are for", async () => {
  const world = await withPeers("r2", "r1");
  putPeer(world, "r3", { nodeSelectors: [{ matchLabels: { rack: "other" } }] });
  await world.pass(200);
  deepEqual(world.mind.advertisedTo("default/web"), ["r1", "r2"]);
  world.bgpAdvertisement({ peers: ["r2", "nobody"] });
  await world.pass(200);
  deepEqual(world.mind.advertisedTo("default/web"), ["r2"]);
  deepEqual(world.mind.advertisedTo("default/other"), []);
  world.stop();
});

test("sessions are opened while Services are still read, also where the list of Pods is refused late", async () => {
  const world = new MindWorld();
  const { promise: refusal, resolve: refuse } = Promise.withResolvers<void>();
  const { promise: read, resolve: letRead } = Promise.withResolvers<void>();
  world.api.hook(async ({ type: { plural } }) => {
    if (plural === "pods") await refusal.then(() => Promise.reject(new KubeError("pods is forbidden", 403, "Forbidden")));
    if (plural === "services") await read;
  });
  world.node("n1");
  world.pool();
  world.bgpAdvertisement({});
  world.service("web", "192.0.2.10");
  putPeer(world, "r1");
  const opened = (): readonly (readonly string[])[] =>
    world.posted.flatMap((message) => (message.type === "bgp-sessions" ? message.sessions.map(({ peers }) => peers) : []));
  await world.start();
  await world.pass(1_000);
  deepEqual(opened(), []);
  refuse();
  await world.pass(500);
  deepEqual([opened(), world.routes], [[["r1"]], {}]);
  letRead();
  await world.pass(500);
  deepEqual(Object.keys(world.routes), ["default/web"]);
  world.stop();
});

test("what is said of a Service follows when its routes change, and when this node has other peers", async () => {
  const world = await withPeers("r1");
  deepEqual([...new Set(world.advertised)], ["default/web"]);
  world.advertised.length = 0;
  world.service("api", "192.0.2.11");
  await world.pass(200);
  deepEqual(world.advertised, ["default/api"]);
  world.advertised.length = 0;
  putPeer(world, "r2");
  await world.pass(200);
  deepEqual(world.advertised.sort(), ["default/api", "default/web"]);
  world.stop();
});

test("each peer has a condition and its metrics from what the wire tells of the sessions", async () => {
  const world = await withPeers("r1");
  const before = world.reports;
  world.mind.receive({ type: "bgp-facts", sessions: [down] });
  deepEqual(
    world.mind.remarks().map(({ type, status, message }) => [type, status, message]),
    [["bgp-session.herald-lb.io/r1", "False", down.lastError]],
  );
  deepEqual(world.reports, before + 1);
  match(await world.metrics.text(), /metallb_bgp_session_up\{peer="172\.30\.0\.1:179",vrf="default"\} 0/);
  world.stop();
});

test("a session that flaps is written every five seconds at most", async () => {
  const world = await withPeers("r1");
  const before = world.reports;
  for (let i = 0; i < 100; i += 1) {
    world.mind.receive({ type: "bgp-facts", sessions: [{ ...down, state: i % 2 === 0 ? "Established" : "Idle" }] });
    await world.pass(50);
  }
  deepEqual(world.reports - before, 2);
  world.stop();
});

test("a speaker that stops has nothing to say of sessions any more", async () => {
  const world = await withPeers("r1");
  world.mind.receive({ type: "bgp-facts", sessions: [down] });
  deepEqual(world.mind.stop(), ["default/web"]);
  deepEqual([world.mind.remarks(), world.mind.advertisedTo("default/web")], [[], []]);
  world.stop();
});

test("a peer whose Secret is missing has a condition that says so", async () => {
  const world = await withPeers();
  putPeer(world, "r1", { passwordSecret: { name: "not-there" } });
  await world.pass(6_000);
  const [condition] = world.mind.remarks();
  deepEqual([condition?.type, condition?.status], ["bgp-session.herald-lb.io/r1", "False"]);
  match(condition?.message ?? "", /secret ref not found/);
  world.stop();
});
