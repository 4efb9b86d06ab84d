import { setTimeout as pause } from "node:timers/promises";
import { echoServer } from "../../e2e/failover/outside-server.ts";
import { batch } from "../../e2e/lab/network.ts";
import { startTestSegment } from "../../e2e/lab/with-lab.ts";
import { bfdProfile, bgpAdvertisement, bgpPeer, pool, service } from "../../e2e/manifests.ts";
import { apply, givenAddresses } from "../../e2e/observe.ts";
import { FarClient } from "../../e2e/routers/far-client.ts";
import { nodeNeighbors } from "../../e2e/routers/node-neighbors.ts";
import type { Router } from "../../e2e/routers/router.ts";
import type { BfdDescription, NeighborDescription } from "../../e2e/routers/router-description.ts";
import { startRouter } from "../../e2e/routers/start-router.ts";
import { withWholeHerald } from "../bench-cluster.ts";
import { loseNodes, type Way } from "./node-loss.ts";

const [routerAs, nodesAs] = [64512, 64513];
const routerAddress = "172.30.0.1";
const three = { nodes: 3, family: "ipv4" } as const;
const bfd: BfdDescription = { transmitMs: 50, receiveMs: 50, multiplier: 3 };
const profile = { transmitInterval: 50, receiveInterval: 50, detectMultiplier: 3 };
const holdSeconds = 9;
/** How long a node is off: with BFD, and without. */
const [offMs, silentOffMs] = [2000, (holdSeconds + 2) * 1000];

/**
 * One of three nodes is lost, behind FRR and behind BIRD: for how long connections fail through a router that announces to nobody else,
 * with BFD at 50 ms × 3, and once without. Then the same with FRR in place of Herald on every node.
 */
export async function benchEcmp(rounds: number): Promise<void> {
  await withWholeHerald(three, async ({ lab }) => {
    const far = await FarClient.plugIn(lab);
    const server = echoServer(lab.topology.client, 8080);
    try {
      await apply(lab, pool("far", ["172.31.0.0/24"]), bgpAdvertisement("far", ["far"]), bfdProfile("fast", profile));
      await apply(lab, service("far", { families: "SingleStack", spec: { selector: null } }), server.endpoints("far"));
      const [address = ""] = await givenAddresses(lab, "far", 1);
      const way: Way = { topology: lab.topology, far, address, hold: (node, held) => lab.holdKubelet(node, held) };
      for (const kind of ["frr", "bird"] as const) {
        const peer = { myASN: nodesAs, peerASN: routerAs, peerAddress: routerAddress, connectTime: "1s" };
        const timers = { holdTime: `${holdSeconds}s`, keepaliveTime: `${holdSeconds / 3}s` };
        await apply(lab, bgpPeer("router", { ...peer, ...timers, bfdProfile: "fast" }));
        const router = await routerOf(way, kind, bfd);
        await loseNodes({ ...way, watched: bfdUp(way, router) }, { name: `Herald behind ${kind}, BFD 50x3`, rounds, offMs });
        await apply(lab, bgpPeer("router", { ...peer, ...timers }));
        await pause(5000); // a router that takes the end of BFD for a failure is through with it
        await loseNodes(way, { name: `Herald behind ${kind}, hold time ${holdSeconds} s`, rounds: 1, offMs: silentOffMs });
        await router.daemons.stop(); // and takes its routes along
      }
    } finally {
      server.stop();
    }
  });
  for (const kind of ["frr", "bird"] as const) await benchFrrSpeakers(kind, rounds);
}

/** FRR on every node, which answers for the address itself. */
async function benchFrrSpeakers(kind: "frr" | "bird", rounds: number): Promise<void> {
  const segment = await startTestSegment(three);
  const address = "172.31.0.10";
  const stops: (() => void)[] = [];
  try {
    const { topology } = segment;
    const way: Way = { topology, far: await FarClient.plugIn(segment), address };
    const router = await routerOf(way, kind, bfd);
    const neighbor: NeighborDescription = {
      ...{ name: "router", at: { address: routerAddress }, autonomousSystem: routerAs, families: ["ipv4"], bfd },
    };
    for (const node of topology.nodes) {
      await batch(node.namespace, [`address add ${address} dev lo`]);
      stops.push(echoServer(node, 80).stop);
      const [routerId = ""] = node.addresses;
      const originated = [{ prefix: `${address}/32` }];
      const described = { autonomousSystem: nodesAs, routerId, neighbors: [neighbor], originated, installs: false };
      await startRouter(segment, node.name, "frr", described);
    }
    await loseNodes({ ...way, watched: bfdUp(way, router) }, { name: `FRR behind ${kind}, BFD 50x3`, rounds, offMs });
  } finally {
    for (const stop of stops) stop();
    await segment.stop();
  }
}

function routerOf({ topology }: Way, kind: "frr" | "bird", withBfd: BfdDescription): Promise<Router> {
  const neighbors = nodeNeighbors(topology, nodesAs, { bfd: withBfd });
  return startRouter({ topology }, "r", kind, { autonomousSystem: routerAs, routerId: routerAddress, neighbors });
}

/** Whether the router's BFD sees every node. */
function bfdUp({ topology }: Way, router: Router): () => Promise<boolean> {
  return async () => {
    const views = await Promise.all(nodeNeighbors(topology, nodesAs).map(({ name }) => router.bfd(name)));
    return views.every((view) => view?.state === "Up");
  };
}
