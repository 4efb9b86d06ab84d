import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bareLab } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, service } from "../manifests.ts";
import { apply, ready } from "../observe.ts";
import { FarClient } from "../routers/far-client.ts";
import type { Router } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { startRouter } from "../routers/start-router.ts";

const addresses = ["172.31.0.10", "fd31::10"];
const [routerAs, nodesAs] = [64512, 64513];

/** The way of packets without Herald: BIRD on every node announces by hand what Herald will announce. */
describe("a Service behind a BGP router", () => {
  const lab = bareLab();
  let far: FarClient;
  const announcers = new Map<string, Router>();
  let router: Router | undefined;

  const neighborAt = (name: string, autonomousSystem: number, host: readonly string[]): readonly NeighborDescription[] =>
    host.map((address) => {
      const family = address.includes(":") ? "ipv6" : "ipv4";
      return { name: `${name}${family}`, at: { address }, autonomousSystem, families: [family] };
    });
  const everyNode = (family: number): readonly string[] => {
    const own = lab().topology.nodes.map((node) => node.addresses[family] ?? "");
    return own.sort();
  };

  before(async () => {
    far = await FarClient.plugIn(lab());
    await apply(lab(), echoDeployment("web", 3), service("web", { spec: { externalTrafficPolicy: "Local" } }));
    await ready(lab(), "deployment/web");
    const patch = JSON.stringify({ status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } } });
    await lab().kubectl(["patch", "service", "web", "--subresource=status", "--type=merge", "-p", patch]);
    const originated = addresses.map((address) => ({ prefix: `${address}/${address.includes(":") ? 128 : 32}` }));
    for (const { name, addresses: own } of lab().topology.nodes) {
      const neighbors = neighborAt("r", routerAs, lab().topology.router.addresses);
      const description = { autonomousSystem: nodesAs, routerId: own[0] ?? "", neighbors, originated };
      announcers.set(name, await startRouter(lab(), name, "bird", description));
    }
  });
  after(async () => {
    await router?.daemons.kill();
    for (const announcer of announcers.values()) await announcer.daemons.kill();
  });

  for (const kind of ["frr", "bird"] as const) {
    test(`${kind} puts a route over all three nodes into the kernel, and connections reach all of them`, async () => {
      const neighbors = lab().topology.nodes.flatMap((node) => neighborAt(node.name, nodesAs, node.addresses));
      router = await startRouter(lab(), "r", kind, { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
      for (const [family, address] of addresses.entries()) {
        await until(`the route to ${address} has three next hops`, 20_000, async () => {
          return (await far.nextHops(address)).length === 3;
        });
        if (family === 0) deepEqual(await far.nextHops(address), everyNode(family)); // in IPv6 FRR takes link-local ones
        await eventually(`${address} answers`, 10_000, () => far.curl(address));
        const answers = await Promise.all(Array.from({ length: 60 }, () => far.curl(address)));
        deepEqual(new Set(answers.map((answer) => answer?.split(" ")[3])), new Set(lab().nodes));
      }
    });

    test(`with ${kind}, a node that takes its route back is left out, and connections reach the others`, async () => {
      await announcers.get("n2")?.daemons.stop();
      for (const address of addresses) {
        await until("two next hops are left", 10_000, async () => (await far.nextHops(address)).length === 2);
        const answers = await Promise.all(Array.from({ length: 30 }, () => far.curl(address)));
        ok(answers.every((answer) => answer !== undefined));
        deepEqual(new Set(answers.map((answer) => answer?.split(" ")[3])), new Set(["n1", "n3"]));
      }
      await announcers.get("n2")?.daemons.start();
      await router?.daemons.stop();
      for (const address of addresses)
        await until("the router's routes are gone with it", 5000, async () => (await far.nextHops(address)).length === 0);
    });
  }
});
