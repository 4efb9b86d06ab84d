import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { heraldPods } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { run } from "../lab/command.ts";
import { namespacePath } from "../lab/process.ts";
import { until } from "../lab/until.ts";
import { bgpAdvertisement, bgpPeer, echoDeployment, heraldNamespace, pool, service } from "../manifests.ts";
import { apply, ready } from "../observe.ts";
import { FarClient } from "../routers/far-client.ts";
import { nodeNeighbors } from "../routers/node-neighbors.ts";
import type { Router } from "../routers/router.ts";
import { startRouter } from "../routers/start-router.ts";

const [routerAs, nodesAs] = [64512, 64513];
const address = "172.31.0.10";
const prefix = `${address}/32`;

/** What a client behind the router notices of speakers that come and go, while the nodes themselves forward on. */
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
  const watched = async (disturb: () => Promise<void>) => {
    const client = far.connecting([address]);
    let fewest = 3;
    let over = false;
    await sleep(1000);
    const looking = (async () => {
      for (; !over; await sleep(50)) fewest = Math.min(fewest, (await far.nextHops(address)).length);
    })();
    await disturb();
    await allRoutes();
    await sleep(1000);
    over = true;
    await looking;
    await client.stop();
    const { attempts } = client.timeline;
    ok(attempts.length > 100, `${attempts.length} connections`);
    return { failures: attempts.flatMap(({ failure }) => failure ?? []), fewest };
  };

  /**
   * A connection that reaches a node before kube-proxy has the address goes back to the router until its TTL is spent, and for two
   * minutes the node's connection tracking sends later ones from the same port after it.
   */
  const forwarding = (): Promise<void> =>
    until("kube-proxy of every node has the address", 30_000, async () => {
      const maps = lab().topology.nodes.map(({ namespace }) =>
        run("nsenter", [`--net=${namespacePath(namespace)}`, "--", "nft", "list", "map", "ip", "kube-proxy", "service-ips"]),
      );
      return (await Promise.all(maps)).every(({ stdout }) => stdout.includes(`${address} . tcp . 80`));
    });

  before(async () => {
    far = await FarClient.plugIn(lab());
    const [peerAddress] = lab().topology.router.addresses;
    const more = { families: "SingleStack", annotations: { "metallb.io/loadBalancerIPs": address } } as const;
    await apply(
      lab(),
      echoDeployment("web", 3),
      pool("bgp", ["172.31.0.0/24"]),
      bgpAdvertisement("bgp", ["bgp"]),
      bgpPeer("router", { myASN: nodesAs, peerASN: routerAs, peerAddress, enableGracefulRestart: true, connectTime: "1s" }),
    );
    await ready(lab(), "deployment/web");
    await apply(lab(), service("web", more));
    await forwarding();
  });
  after(() => router?.daemons.kill());

  for (const kind of ["frr", "bird"] as const) {
    test(`with ${kind}, connections reach every node`, async () => {
      const { nodes } = lab().topology;
      const neighbors = nodeNeighbors({ nodes }, nodesAs, { gracefulRestart: { role: "helper", restartSeconds: 120 } });
      router = await startRouter(lab(), "r", kind, { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
      await allRoutes();
      const answers = await Promise.all(Array.from({ length: 40 }, () => far.curl(address)));
      deepEqual(
        answers.filter((answer) => answer === undefined),
        [],
      );
    });

    test(`with ${kind}, no connection fails and no route is missing while every speaker is killed and comes back`, async () => {
      const outcome = await watched(async () => {
        for (const { name } of await heraldPods(lab(), "speaker")) lab().killPod(heraldNamespace, name, "speaker");
        await until("the router has noticed", 10_000, async () => {
          return ((await router?.paths(prefix)) ?? []).some(({ stale }) => stale);
        });
      });
      deepEqual(outcome, { failures: [], fewest: 3 });
    });

    test(`with ${kind}, no connection fails and no route is missing while the speakers are rolled out anew`, async () => {
      const outcome = await watched(async () => {
        await lab().kubectl(["-n", heraldNamespace, "rollout", "restart", "daemonset/speaker"]);
        await ready(lab(), "daemonset/speaker", heraldNamespace);
      });
      deepEqual(outcome, { failures: [], fewest: 3 });
      await router?.daemons.stop();
    });
  }
});
