import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { routesPage, sessionFacts, tracePage } from "./bgp-page.ts";

async function announcing(services: number, spec: object = {}): Promise<MindWorld> {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.bgpAdvertisement(spec);
  for (let i = 0; i < services; i += 1) world.service(`s${i}`, `192.0.2.${1 + i}`);
  world.api.put(resourceTypes.bgppeers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name: "router", namespace },
    spec: { myASN: 64_512, peerASN: 64_513, peerAddress: "172.30.0.1" },
  } as { readonly metadata: { readonly name: string } });
  await world.start();
  return world;
}

test("a peer's routes are shown as it is to be told them, Services that share a prefix together", async () => {
  const world = await announcing(3, { aggregationLength: 31, communities: ["64512:7", "large:1:2:3"], localPref: 200 });
  const common = { localPref: 200, asPathPrepend: 0, communities: ["1:2:3", "64512:7"] };
  deepEqual(await routesPage(world.mind.bgp, "router", ""), {
    peer: "router",
    routes: ["192.0.2.0/31", "192.0.2.2/31"].map((prefix) => ({ prefix, ...common })),
  });
  world.stop();
});

test("an advertisement for other peers is not shown for this one", async () => {
  const world = await announcing(1, { peers: ["other"] });
  deepEqual(await routesPage(world.mind.bgp, "router", ""), { peer: "router", routes: [] });
  world.stop();
});

test("a peer that this node has not is not there", async () => {
  const world = await announcing(1);
  equal(await routesPage(world.mind.bgp, "nobody", ""), undefined);
  world.stop();
});

test("many routes come in pages that together hold each once", async () => {
  const world = await announcing(0);
  for (let i = 0; i < 1_100; i += 1) {
    world.api.put(resourceTypes.services, {
      metadata: { name: `many${i}`, namespace: "default" },
      spec: { type: "LoadBalancer" },
      status: { loadBalancer: { ingress: [{ ip: `2001:db8::${(i + 1).toString(16)}` }] } },
    } as { readonly metadata: { readonly name: string } });
    world.endpoint(`many${i}`, true);
  }
  world.api.put(resourceTypes.ipaddresspools, {
    metadata: { name: "wide", namespace },
    spec: { addresses: ["2001:db8::/64"] },
  } as { readonly metadata: { readonly name: string } });
  await world.pass(2_000);
  type Page = { readonly routes: readonly { readonly prefix: string }[]; readonly next?: string };
  const [prefixes, sizes]: [string[], number[]] = [[], []];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page = (await routesPage(world.mind.bgp, "router", after)) as Page;
    sizes.push(page.routes.length);
    prefixes.push(...page.routes.map(({ prefix }) => prefix));
    after = page.next;
  }
  deepEqual([sizes, new Set(prefixes).size], [[500, 500, 100], 1_100]);
  world.stop();
});

const none = { open: 0, update: 0, notification: 0, keepalive: 0, "route-refresh": 0 };
const down: BgpSessionFacts = {
  key: "k",
  peers: ["router"],
  endpoint: { type: "address", address: { family: "IPv4", bits: 0xac1e_0001n } },
  port: 179,
  state: "Idle",
  sinceMs: 0,
  lastError: "refused",
  wanted: 0,
  advertised: 0,
  unsendable: 0,
  counts: { sent: { ...none, open: 2 }, received: none },
};

test("sessions are shown with their neighbour, state, error and counts", async () => {
  const world = await announcing(0);
  world.mind.receive({ type: "bgp-facts", sessions: [down] });
  deepEqual(sessionFacts(world.mind.bgp), [
    {
      peers: ["router"],
      neighbour: "172.30.0.1:179",
      vrf: "default",
      state: "Idle",
      since: "1970-01-01T00:00:00.000Z",
      lastError: "refused",
      wanted: 0,
      advertised: 0,
      unsendable: 0,
      messages: down.counts,
    },
  ]);
  world.stop();
});

test("a session says which Secret its password was read from, in which version, and not the password", async () => {
  const world = await announcing(0);
  const put = (password: string): void => {
    const data = { password: Buffer.from(password).toString("base64") };
    world.api.put(resourceTypes.secrets, {
      metadata: { name: "auth", namespace },
      type: "kubernetes.io/basic-auth",
      data,
    } as { readonly metadata: { readonly name: string } });
  };
  put("hidden");
  world.api.put(resourceTypes.bgppeers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name: "router", namespace },
    spec: { myASN: 64_512, peerASN: 64_513, peerAddress: "172.30.0.1", passwordSecret: { name: "auth" } },
  } as { readonly metadata: { readonly name: string } });
  await world.pass(500);
  world.mind.receive({ type: "bgp-facts", sessions: [down] });
  const version = () => world.api.peek(resourceTypes.secrets, { namespace, name: "auth" })?.metadata.resourceVersion;
  type Fact = { readonly password?: object };
  deepEqual((sessionFacts(world.mind.bgp)[0] as Fact).password, { secret: "auth", resourceVersion: version() });
  put("another");
  await world.pass(500);
  deepEqual((sessionFacts(world.mind.bgp)[0] as Fact).password, { secret: "auth", resourceVersion: version() });
  equal(/hidden|another/.test(JSON.stringify(sessionFacts(world.mind.bgp))), false);
  world.stop();
});

test("a session's last messages are asked of the wire, with the time of each", async () => {
  const world = await announcing(0);
  const page = tracePage(world.mind.bgp, "router");
  const asked = world.posted.at(-1);
  deepEqual(asked, { type: "bgp-trace", question: 1, peer: "router" });
  const message = { connection: 1, direction: "received", type: "keepalive", octets: 19, text: "" } as const;
  world.mind.receive({ type: "bgp-trace", question: 1, messages: [{ ...message, atMs: 1_000 }] });
  deepEqual(await page, { peer: "router", messages: [{ at: "1970-01-01T00:00:01.000Z", ...message }] });
  world.stop();
});

test("a peer that this node has not is not asked for, and a wire that says nothing is no peer without messages", async () => {
  const world = await announcing(0);
  equal(await tracePage(world.mind.bgp, "nobody"), undefined);
  const page = tracePage(world.mind.bgp, "router");
  await world.pass(2_500);
  equal(await page, "silent");
  world.stop();
});
