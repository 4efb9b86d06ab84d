import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { installedLab } from "../installed-cluster.ts";
import { until } from "../lab/until.ts";
import { bgpAdvertisement, bgpPeer, echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses, ownerOf, ready, remove } from "../observe.ts";
import { FarClient } from "../routers/far-client.ts";
import { nodeNeighbors } from "../routers/node-neighbors.ts";
import type { Router } from "../routers/router.ts";
import { startRouter } from "../routers/start-router.ts";

const [routerAs, nodesAs] = [64512, 64513];

/** A pool that is in use changes from layer 2 to BGP and back, with both in between. */
describe("a pool that moves from layer 2 to BGP", () => {
  const lab = installedLab();
  let far: FarClient;
  let router: Router;
  let ips: readonly string[] = [];

  before(async () => {
    far = await FarClient.plugIn(lab());
    const neighbors = nodeNeighbors(lab().topology, nodesAs);
    router = await startRouter(lab(), "r", "bird", { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
    const [ipv4, ipv6] = lab().topology.router.addresses;
    const peer = { myASN: nodesAs, peerASN: routerAs, connectTime: "1s" };
    await apply(
      lab(),
      bgpPeer("router", { ...peer, peerAddress: ipv4 }),
      bgpPeer("router6", { ...peer, peerAddress: ipv6 }),
      pool("moving", lab().range(200, 209)),
      l2Advertisement("moving", ["moving"]),
      echoDeployment("web", 3),
      service("web"),
    );
    await ready(lab(), "deployment/web");
    ips = await givenAddresses(lab(), "web");
    for (const ip of ips) await far.answers(ip, 15_000);
  });
  after(() => router?.daemons.kill());

  const routed = (count: number): Promise<void> =>
    until(`the router has ${count} next hops`, 15_000, async () => {
      const found = await Promise.all(ips.map((ip) => far.nextHops(ip)));
      return found.every(({ length }) => length === count);
    });
  const owned = (wanted: boolean): Promise<void> =>
    until(`somebody answers on layer 2: ${wanted}`, 15_000, async () => {
      const owners = await Promise.all(ips.map((ip) => ownerOf(lab(), ip)));
      return owners.every((owner) => (owner !== undefined) === wanted);
    });

  /** 100 connections a second through the router meanwhile. @returns why some failed. */
  async function whileConnecting(change: () => Promise<void>): Promise<readonly string[]> {
    const client = far.connecting(ips);
    await sleep(1_000);
    await change();
    await sleep(2_000);
    await client.stop();
    const { attempts } = client.timeline;
    ok(attempts.length > 200, `${attempts.length} connections`);
    return attempts.flatMap(({ failure }) => failure ?? []);
  }

  test("loses no connection: first both, then BGP alone", async () => {
    const failures = await whileConnecting(async () => {
      await apply(lab(), bgpAdvertisement("moving", ["moving"]));
      await routed(3);
      await remove(lab(), heraldNamespace, "l2advertisement/moving");
      await owned(false);
    });
    deepEqual(failures, []);
  });

  test("loses none on the way back", async () => {
    const failures = await whileConnecting(async () => {
      await apply(lab(), l2Advertisement("moving", ["moving"]));
      await owned(true);
      await remove(lab(), heraldNamespace, "bgpadvertisement/moving");
      await routed(0);
    });
    deepEqual(failures, []);
  });
});
