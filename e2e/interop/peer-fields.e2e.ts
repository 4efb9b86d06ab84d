import { deepEqual, equal } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { batch } from "../lab/network.ts";
import { bareSegment } from "../lab/segment.ts";
import { eventually } from "../lab/until.ts";

import type { NeighborDescription } from "../routers/router-description.ts";
import { routerKinds, startRouter } from "../routers/start-router.ts";
import { BareSpeaker } from "./bare-speaker.ts";

const [routerAs, nodesAs] = [64512, 64513];
const otherSource = "172.30.0.111";
const routes = [{ prefix: "172.31.0.1/32" }, { prefix: "fd31::1/128" }];

/** What a BGPPeer says beside the common fields, what the router is told of its neighbour, and what it then knows of the routes. */
type Case = {
  readonly field: string;
  readonly spec: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly neighbor?: Partial<NeighborDescription>;
  /** The first next hop of each route that arrives, IPv4 first. */
  readonly nextHops?: readonly string[];
  /** With GoBGP, which always takes IPv6 next hops for IPv4 routes (RFC 8950). */
  readonly nextHopsForGobgp?: readonly string[];
  readonly asPath?: string;
};

const both = { families: ["ipv4", "ipv6"] } as const;
const cases: readonly Case[] = [
  { field: "peerAddress", spec: {} },
  {
    field: "dualStackAddressFamily over IPv4",
    spec: { dualStackAddressFamily: true },
    neighbor: both,
    nextHops: ["172.30.0.11", "fd30::11"],
  },
  {
    field: "dualStackAddressFamily over IPv6",
    spec: { dualStackAddressFamily: true, peerAddress: "fd30::1" },
    neighbor: { ...both, at: { address: "fd30::11" } },
    nextHops: ["172.30.0.11", "fd30::11"],
    nextHopsForGobgp: ["fd30::11", "fd30::11"],
  },
  { field: "localASN", spec: { localASN: 64999 }, neighbor: { autonomousSystem: 64999 }, asPath: "64999" },
  { field: "dynamicASN external", spec: { peerASN: undefined, dynamicASN: "external" } },
  {
    field: "dynamicASN internal",
    spec: { peerASN: undefined, dynamicASN: "internal", myASN: routerAs },
    neighbor: { autonomousSystem: routerAs },
    asPath: "",
  },
  { field: "ebgpMultiHop", spec: { ebgpMultiHop: true }, neighbor: { multihop: 5 } },
  {
    field: "ttl-security",
    spec: {},
    annotations: { [heraldAnnotations.ttlSecurity]: "1" },
    neighbor: { ttlSecurity: true },
  },
  {
    field: "sourceAddress",
    spec: { sourceAddress: otherSource },
    neighbor: { at: { address: otherSource } },
    nextHops: [otherSource],
  },
];

for (const kind of routerKinds)
  describe(`a BGPPeer's fields, with ${kind}`, () => {
    const segment = bareSegment({ nodes: 1 });

    before(async () => {
      const [node] = segment().topology.nodes;
      await batch(node?.namespace, [`address add ${otherSource}/24 dev eth0`]);
    });

    for (const { field, spec, annotations = {}, neighbor, nextHops: usual, nextHopsForGobgp, asPath = String(nodesAs) } of cases)
      describe(field, () => {
        const nextHops = (kind === "gobgp" ? nextHopsForGobgp : undefined) ?? usual ?? ["172.30.0.11"];
        let stop = async (): Promise<void> => {};
        after(() => stop());

        test("brings the routes as it says", async () => {
          const { topology } = segment();
          const [node] = topology.nodes;
          if (node === undefined) throw new Error("the segment has no node");
          const plain: NeighborDescription = {
            ...{ name: "node", at: { address: "172.30.0.11" }, autonomousSystem: nodesAs, families: ["ipv4"], passive: true },
          };
          const neighbors = [{ ...plain, ...neighbor }];
          const router = await startRouter(segment(), "r", kind, {
            autonomousSystem: routerAs,
            routerId: "172.30.0.1",
            neighbors,
          });
          const speaker = new BareSpeaker(topology, node);
          stop = async () => {
            await speaker.kill();
            await router.daemons.kill();
          };
          speaker.start();
          const common = { myASN: nodesAs, peerASN: routerAs, peerAddress: "172.30.0.1", connectTime: "1s" };
          speaker.tell({ type: "peers", peers: { router: { ...common, ...spec } }, annotations });
          speaker.tell({ type: "routes", source: "web", routes });
          speaker.tell({ type: "complete" });
          const arrived = routes.slice(0, nextHops.length);
          for (const [index, { prefix }] of arrived.entries()) {
            const path = await eventually(`${prefix} arrives`, 20_000, async () => (await router.paths(prefix))[0]);
            deepEqual({ nextHop: path.nextHops[0], asPath: path.asPath }, { nextHop: nextHops[index], asPath });
          }
          equal((await router.session("node")).prefixes, nextHops.length);
        });
      });
  });
