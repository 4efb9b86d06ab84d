import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { bgpAdvertisement, bgpPeer, echoDeployment, heraldNamespace, pool, service } from "../manifests.ts";
import { apply, eventOf, givenAddresses, read, ready, remove } from "../observe.ts";
import { FarClient } from "../routers/far-client.ts";
import { nodeNeighbors } from "../routers/node-neighbors.ts";
import type { Router } from "../routers/router.ts";
import { startRouter } from "../routers/start-router.ts";

const [routerAs, nodesAs] = [64512, 64513];
const password = "a-secret-of-both";
const peerSpec = { myASN: nodesAs, peerASN: routerAs, connectTime: "1s", passwordSecret: { name: "bgp-auth" } };
const addresses = ["172.31.0.0/24", "fd31::/120"];

/** Everything by kubectl, against FRR: what a user with a router applies and reads back. */
describe("Services that are announced by BGP", () => {
  const lab = installedLab();
  let far: FarClient;
  let router: Router;
  let ips: readonly string[] = [];

  const hops = (address: string): Promise<readonly string[]> => far.nextHops(address);
  const hopsBecome = (address: string, count: number): Promise<void> =>
    until(`the route to ${address} has ${count} next hops`, 15_000, async () => (await hops(address)).length === count);
  const conditionOf = (peer: string, type: string, field: string): Promise<string> =>
    read(lab(), `bgppeer/${peer}`, `{.status.conditions[?(@.type=="${type}")].${field}}`, heraldNamespace);
  const conditionBecomes = (peer: string, reason: string): Promise<string> =>
    eventually(`SessionsUp of ${peer} has the reason ${reason}`, 20_000, async () =>
      (await conditionOf(peer, "SessionsUp", "reason")) === reason ? conditionOf(peer, "SessionsUp", "message") : undefined,
    );

  const conditionSays = (peer: string, words: RegExp): Promise<void> =>
    until(`SessionsUp of ${peer} says ${words}`, 40_000, async () =>
      words.test(await conditionOf(peer, "SessionsUp", "message")),
    );

  before(async () => {
    far = await FarClient.plugIn(lab());
    const neighbors = nodeNeighbors(lab().topology, nodesAs, { password });
    router = await startRouter(lab(), "r", "frr", { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
    await apply(lab(), {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/basic-auth",
      metadata: { name: "bgp-auth", namespace: heraldNamespace },
      stringData: { password },
    });
    const [ipv4, ipv6] = lab().topology.router.addresses;
    await apply(
      lab(),
      bgpPeer("router", { ...peerSpec, peerAddress: ipv4 }),
      bgpPeer("router6", { ...peerSpec, peerAddress: ipv6 }),
      pool("routed", addresses),
      bgpAdvertisement("routed", ["routed"]),
      echoDeployment("web", 3),
      service("web"),
    );
    await ready(lab(), "deployment/web");
    ips = await givenAddresses(lab(), "web");
  });
  after(() => router.daemons.kill());

  test("have routes over all nodes, and a client behind the router reaches them", async () => {
    for (const ip of ips) {
      await hopsBecome(ip, 3);
      await far.answers(ip, 30_000);
    }
  });

  test("are shown: an event and a ServiceBGPStatus for each node, and all sessions up on each peer", async () => {
    const message = await eventOf(lab(), "web", "nodeAssigned", 'protocol "bgp"');
    match(message, /announcing from node "n\d"/);
    await until("three nodes say to whom they advertise the Service", 15_000, async () => {
      const text = await read(
        lab(),
        "servicebgpstatuses",
        "{range .items[*]}{.status.node}={.status.peers} {end}",
        heraldNamespace,
      );
      return text.split(" ").sort().join() === ["n1", "n2", "n3"].map((node) => `${node}=["router","router6"]`).join();
    });
    for (const peer of ["router", "router6"]) {
      equal(await conditionBecomes(peer, "AllUp"), "3 of 3 sessions are up.");
      equal(await conditionOf(peer, "Accepted", "status"), "True");
    }
    const silent = await read(lab(), "service/web", '{.status.conditions[?(@.type=="herald-lb.io/Announced")].status}');
    ok(silent === "" || silent === "True");
  });

  test("with policy Local have routes only over nodes that have an endpoint", async () => {
    const app = echoDeployment("one", 1);
    await apply(lab(), app, service("one", { spec: { externalTrafficPolicy: "Local" } }));
    await ready(lab(), "deployment/one");
    for (const ip of await givenAddresses(lab(), "one")) await hopsBecome(ip, 1);
    await remove(lab(), "default", "service/one", "deployment/one");
  });

  test("lose their routes with their last endpoint, and get them back", async () => {
    const scale = (replicas: number) => lab().kubectl(["scale", "deployment/web", `--replicas=${replicas}`]);
    await scale(0);
    for (const ip of ips) await hopsBecome(ip, 0);
    await scale(3);
    for (const ip of ips) await hopsBecome(ip, 3);
  });

  test("keep their routes over the other nodes while one node's speaker is away", async () => {
    const pod = (await lab().kubectl(["-n", heraldNamespace, "get", "pods", "-l", "component=speaker", "-o", "name"])).stdout;
    const [first = ""] = pod.split("\n");
    await lab().kubectl(["-n", heraldNamespace, "delete", first, "--wait=false"]);
    for (const ip of ips) await hopsBecome(ip, 2);
    for (const ip of ips) await hopsBecome(ip, 3);
  });

  test("a changed password ends the sessions with a reason, and the right one brings them back", async () => {
    const setTo = (text: string) =>
      lab().kubectl([
        "-n",
        heraldNamespace,
        "patch",
        "secret",
        "bgp-auth",
        "-p",
        JSON.stringify({ stringData: { password: text } }),
      ]);
    await setTo("another-one");
    for (const ip of ips) await hopsBecome(ip, 0);
    await conditionSays("router", /n1: .*password/);
    await setTo(password);
    for (const ip of ips) await hopsBecome(ip, 3);
  });

  test("a peer of another AS is told by its condition, in words", async () => {
    const [ipv4] = lab().topology.router.addresses;
    await apply(lab(), bgpPeer("router", { ...peerSpec, peerAddress: ipv4, peerASN: 65_000 }));
    await conditionSays("router", /n1: .*bad peer AS, expected 65000, but it is 64512/);
    await apply(lab(), bgpPeer("router", { ...peerSpec, peerAddress: ipv4 }));
    equal(await conditionBecomes("router", "AllUp"), "3 of 3 sessions are up.");
  });

  test("go from the router when the peer is deleted", async () => {
    await remove(lab(), heraldNamespace, "bgppeer/router", "bgppeer/router6");
    for (const ip of ips)
      deepEqual(await eventually("no route", 15_000, async () => ((await hops(ip)).length === 0 ? [] : undefined)), []);
    match(await eventOf(lab(), "web", "NotAnnounced", "no BGPPeer"), /no node announces/);
  });
});
