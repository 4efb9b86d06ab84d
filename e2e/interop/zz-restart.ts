import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { heraldPods } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { until } from "../lab/until.ts";
import { bgpAdvertisement, bgpPeer, echoDeployment, heraldNamespace, pool, service } from "../manifests.ts";
import { apply, ready } from "../observe.ts";
import type { Router } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { startRouter } from "../routers/start-router.ts";
import { FarClient } from "./far-client.ts";

const [routerAs, nodesAs] = [64512, 64513];
const address = "172.31.0.10";
const prefix = `${address}/32`;

/** What a client behind the router notices of speakers that come and go, while a node's own part in the traffic goes on. */
describe("a Service behind a router, while speakers restart gracefully", () => {
  const lab = installedLab();
  let far: FarClient;
  let router: Router | undefined;

  const nodeAddresses = (): readonly string[] => lab().topology.nodes.map((node) => node.addresses[0] ?? "");
  const allRoutes = (): Promise<void> =>
    until("the router's kernel has a route over every node, and none is stale", 60_000, async () => {
      const paths = (await router?.paths(prefix)) ?? [];
      const hops = await far.nextHops(address);
      return paths.length === 3 && paths.every(({ stale }) => !stale) && hops.join() === nodeAddresses().join();
    });
  /** Runs while the client opens 100 connections a second. @returns why connections failed, and how few next hops there ever were. */
  const watched = async (
    disturb: () => Promise<void>,
  ): Promise<{ failures: readonly string[]; fewest: number; count: number }> => {
    const client = far.connecting([address]);
    let fewest = 3;
    let over = false;
    await sleep(1000);
    const looking = (async (): Promise<void> => {
      while (!over) {
        fewest = Math.min(fewest, (await far.nextHops(address)).length);
        await sleep(50);
      }
    })();
    await disturb();
    await allRoutes();
    await sleep(1000);
    over = true;
    await looking;
    await client.stop();
    const { attempts } = client.timeline;
    return { failures: attempts.flatMap(({ failure }) => failure ?? []), fewest, count: attempts.length };
  };

  before(async () => {
    far = await FarClient.plugIn(lab());
    await apply(
      lab(),
      echoDeployment("web", 3),
      pool("bgp", ["172.31.0.0/24"]),
      bgpAdvertisement("bgp", ["bgp"]),
      bgpPeer("router", {
        myASN: nodesAs,
        peerASN: routerAs,
        peerAddress: lab().topology.router.addresses[0],
        enableGracefulRestart: true,
        connectTime: "1s",
      }),
    );
    await ready(lab(), "deployment/web");
    const more = { families: "SingleStack", annotations: { "metallb.io/loadBalancerIPs": address } } as const;
    await apply(lab(), service("web", more));
  });
  after(() => router?.daemons.kill());

  for (const kind of ["frr", "bird"] as const) {
    test(`with ${kind}, connections reach every node`, async () => {
      const neighbors = lab().topology.nodes.map((node): NeighborDescription => {
        const at = { address: node.addresses[0] ?? "" };
        const gracefulRestart = { role: "helper", restartSeconds: 120 } as const;
        return { name: node.name, at, autonomousSystem: nodesAs, families: ["ipv4"], passive: true, gracefulRestart };
      });
      router = await startRouter(lab(), "r", kind, { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
      await allRoutes();
      ok((await far.curl(address)) !== undefined);
    });

    test(`with ${kind}, no connection fails while every speaker is killed and comes back`, async () => {
      const { failures, fewest, count } = await watched(async () => {
        for (const { name } of await heraldPods(lab(), "speaker")) lab().killPod(heraldNamespace, name, "speaker");
        await until("the router has noticed", 10_000, async () => {
          return ((await router?.paths(prefix)) ?? []).some(({ stale }) => stale);
        });
      });
      deepEqual({ failures, fewest }, { failures: [], fewest: 3 });
      ok(count > 100);
    });

    test(`with ${kind}, no connection fails while the speakers are rolled out anew`, async () => {
      const { failures, fewest } = await watched(async () => {
        await lab().kubectl(["-n", heraldNamespace, "rollout", "restart", "daemonset/speaker"]);
        await ready(lab(), "daemonset/speaker", heraldNamespace);
      });
      deepEqual({ failures, fewest }, { failures: [], fewest: 3 });
      await router?.daemons.stop();
    });
  }
});
