import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { urlOf } from "../cluster.ts";
import { echoServer, type RunningServer } from "../failover/outside-server.ts";
import { curlFrom } from "../lab/curl.ts";
import { batch } from "../lab/network.ts";
import { bareSegment } from "../lab/segment.ts";
import { until } from "../lab/until.ts";
import { FarClient } from "../routers/far-client.ts";
import { nodeNeighbors } from "../routers/node-neighbors.ts";
import type { Router } from "../routers/router.ts";
import { startRouter } from "../routers/start-router.ts";
import { BareSpeaker } from "./bare-speaker.ts";

const [routerAs, nodesAs] = [64512, 64513];
const addresses = ["172.31.0.10", "fd31::10"];
const routes = addresses.map((address) => ({ prefix: `${address}/${address.includes(":") ? 128 : 32}` }));

/** What a client behind a router notices. Every node answers for the addresses itself, in place of kube-proxy. */
for (const kind of ["frr", "bird"] as const)
  describe(`connections through ${kind} to three nodes that Herald announces`, () => {
    const segment = bareSegment({ nodes: 3 });
    let far: FarClient;
    let router: Router;
    const servers: RunningServer[] = [];
    const speakers: BareSpeaker[] = [];

    before(async () => {
      const { topology } = segment();
      far = await FarClient.plugIn(segment());
      const gracefulRestart = { role: "helper", restartSeconds: 60 } as const;
      const neighbors = nodeNeighbors(topology, nodesAs, { gracefulRestart });
      router = await startRouter(segment(), "r", kind, { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
      const common = { myASN: nodesAs, peerASN: routerAs, connectTime: "1s", enableGracefulRestart: true };
      const peers = { ipv4: { peerAddress: "172.30.0.1", ...common }, ipv6: { peerAddress: "fd30::1", ...common } };
      for (const node of topology.nodes) {
        await batch(
          node.namespace,
          addresses.map((address) => `address add ${address} dev lo`),
        );
        servers.push(echoServer(node, 80));
        const speaker = new BareSpeaker(topology, node);
        speaker.start();
        speaker.tell({ type: "peers", peers });
        speaker.tell({ type: "routes", source: "web", routes });
        speaker.tell({ type: "complete" });
        speakers.push(speaker);
      }
      for (const { namespace } of topology.nodes)
        await until("the node's own server answers", 20_000, async () => {
          const answers = await Promise.all(addresses.map((address) => curlFrom(namespace, urlOf(address))));
          return answers.every((answer) => answer !== undefined);
        });
    });
    after(async () => {
      for (const speaker of speakers) await speaker.kill();
      for (const server of servers) server.stop();
      await router?.daemons.kill();
    });

    const nextHops = (count: number): Promise<void> =>
      until(`the router's kernel has ${count} next hops`, 30_000, async () => {
        const found = await Promise.all(addresses.map((address) => far.nextHops(address)));
        return found.every(({ length }) => length === count);
      });
    const noneStale = (): Promise<void> =>
      until("the router has fresh routes of every node", 30_000, async () => {
        const found = await Promise.all(routes.map(({ prefix }) => router.paths(prefix)));
        return found.every((paths) => paths.length === 3 && paths.every(({ stale }) => !stale));
      });
    const answering = async (address: string): Promise<ReadonlySet<string | undefined>> => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => far.curl(address)));
      return new Set(answers.map((answer) => answer?.split(" ")[3]));
    };

    /** 100 connections a second meanwhile. @returns why connections failed, and how few next hops the first address ever had. */
    const whileConnecting = async (disturb: () => Promise<void>) => {
      const client = far.connecting(addresses);
      let fewest = 3;
      let over = false;
      await sleep(500);
      const looking = (async () => {
        for (; !over; await sleep(20)) fewest = Math.min(fewest, (await far.nextHops(addresses[0] ?? "")).length);
      })();
      await disturb();
      await sleep(1000);
      over = true;
      await looking;
      await client.stop();
      const { attempts } = client.timeline;
      ok(attempts.length > 100);
      return { failures: attempts.flatMap(({ failure }) => failure ?? []), fewest };
    };

    test("reach all of them, in both families", async () => {
      await nextHops(3);
      for (const address of addresses) {
        await far.answers(address, 5000);
        deepEqual(await answering(address), new Set(["n1", "n2", "n3"]));
      }
    });

    test("do not fail when a node takes its routes back, and do not reach it", async () => {
      const { failures } = await whileConnecting(async () => {
        speakers[1]?.tell({ type: "routes", source: "web", routes: [] });
        await nextHops(2);
        for (const address of addresses) deepEqual(await answering(address), new Set(["n1", "n3"]));
        speakers[1]?.tell({ type: "routes", source: "web", routes });
        await nextHops(3);
      });
      deepEqual(failures, []);
    });

    test("do not fail, and no route is missing, while all speakers are killed and restart gracefully", async () => {
      await noneStale();
      const outcome = await whileConnecting(async () => {
        for (const speaker of speakers) await speaker.kill();
        await until("the router has noticed", 10_000, async () => {
          return (await router.paths(routes[0]?.prefix ?? "")).every(({ stale }) => stale);
        });
        await sleep(1000);
        for (const speaker of speakers) speaker.start();
        await noneStale();
      });
      deepEqual(outcome, { failures: [], fewest: 3 });
    });
  });
