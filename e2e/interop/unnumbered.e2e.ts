import { deepEqual, equal } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { must } from "../lab/command.ts";
import { bareSegment } from "../lab/segment.ts";
import { eventually, until } from "../lab/until.ts";
import type { LearntPath, Router } from "../routers/router.ts";
import { startRouter } from "../routers/start-router.ts";
import { BareSpeaker } from "./bare-speaker.ts";

const [routerAs, nodesAs] = [64512, 64513];

describe("Herald's unnumbered session with FRR", () => {
  const segment = bareSegment({ nodes: 1 });
  let router: Router;
  let speaker: BareSpeaker;
  let linkLocal = "";

  before(async () => {
    const [node] = segment().topology.nodes;
    if (node === undefined) throw new Error("the segment has no node");
    linkLocal = await eventually("the node has a link-local address", 5000, () => linkLocalOf(node.namespace));
    const at = { interface: "eth0" };
    const neighbor = { name: "node", at, autonomousSystem: nodesAs, families: ["ipv4", "ipv6"] as const };
    router = await startRouter(segment(), "r", "frr", {
      autonomousSystem: routerAs,
      routerId: "172.30.0.1",
      neighbors: [neighbor],
    });
    speaker = new BareSpeaker(segment().topology, node);
    speaker.start();
    const spec = { interface: "eth0", myASN: nodesAs, peerASN: routerAs, connectTime: "1s" };
    speaker.tell({ type: "peers", peers: { router: spec } });
    speaker.tell({ type: "routes", source: "web", routes: [{ prefix: "172.31.0.1/32" }, { prefix: "fd31::1/128" }] });
    speaker.tell({ type: "complete" });
  });
  after(async () => {
    await speaker.kill();
    await router.daemons.kill();
  });

  const pathTo = (prefix: string): Promise<LearntPath> =>
    eventually(`the router has ${prefix}`, 10_000, async () => (await router.paths(prefix))[0]);

  test("comes up without any address being told, for both families", async () => {
    await speaker.established("router");
    await until("the router says so too", 5000, async () => (await router.session("node")).state === "Established");
    await until("both routes are there", 10_000, async () => (await router.session("node")).prefixes === 2);
  });

  test("has the node's link-local address as the next hop of IPv4 routes", async () => {
    const { neighbor, nextHops, asPath } = await pathTo("172.31.0.1/32");
    deepEqual({ neighbor, nextHop: nextHops.at(-1), asPath }, { neighbor: "node", nextHop: linkLocal, asPath: String(nodesAs) });
  });

  test("comes up again when the router comes back", async () => {
    await router.daemons.kill();
    await until("it is down", 20_000, async () => speaker.session("router")?.state !== "Established");
    await router.daemons.start();
    equal((await pathTo("fd31::1/128")).neighbor, "node");
  });
});

async function linkLocalOf(namespace: string): Promise<string | undefined> {
  type Link = { readonly addr_info?: readonly { readonly local?: string; readonly tentative?: boolean }[] };
  const text = await must("ip", ["-n", namespace, "-j", "-6", "address", "show", "eth0", "scope", "link"]);
  const addresses = (JSON.parse(text) as readonly Link[]).flatMap(({ addr_info: own = [] }) => own);
  return addresses.find(({ local, tentative }) => local !== undefined && tentative !== true)?.local;
}
