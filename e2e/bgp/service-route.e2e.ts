import { deepEqual } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import { until } from "../lab/until.ts";
import { bgpAdvertisement, bgpPeer, echoDeployment, heraldNamespace, pool, service } from "../manifests.ts";
import { apply, ready } from "../observe.ts";
import type { Router } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { startRouter } from "../routers/start-router.ts";

const [routerAs, nodesAs] = [64513, 64512];
const password = "s3cret";
const address = "172.31.0.10";
const prefix = `${address}/32`;

const secret = (value: string): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "bgp", namespace: heraldNamespace },
  type: "kubernetes.io/basic-auth",
  stringData: { password: value },
});

/** From `kubectl apply` to the router, with BIRD. */
describe("a Service announced by BGP", () => {
  const lab = installedLab();
  let router: Router;

  const nextHops = async (): Promise<readonly string[]> => (await router.paths(prefix)).flatMap((path) => path.nextHops).sort();
  const ownAddresses = (): readonly string[] =>
    lab()
      .topology.nodes.map((node) => node.addresses[0] ?? "")
      .sort();
  const routesOf = (expected: () => readonly string[]): Promise<void> =>
    until(`the router's next hops for ${address} are ${expected().join(", ") || "none"}`, 20_000, async () => {
      return (await nextHops()).join() === expected().join();
    });

  before(async () => {
    const neighbors = lab().topology.nodes.map((node): NeighborDescription => {
      const at = { address: node.addresses[0] ?? "" };
      return { name: node.name, at, autonomousSystem: nodesAs, families: ["ipv4"], password, passive: true };
    });
    router = await startRouter(lab(), "r", "bird", { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
    await apply(lab(), echoDeployment("web", 2), secret(password));
    await ready(lab(), "deployment/web");
  });
  after(() => router?.daemons.kill());

  test("its route arrives from every node, over sessions with the password of a Secret", async () => {
    await apply(
      lab(),
      pool("bgp", ["172.31.0.0/24"]),
      bgpAdvertisement("bgp", ["bgp"], { communities: ["64512:7"] }),
      bgpPeer("router", {
        myASN: nodesAs,
        peerASN: routerAs,
        peerAddress: lab().topology.router.addresses[0],
        passwordSecret: { name: "bgp", namespace: heraldNamespace },
      }),
      service("web", { families: "SingleStack", annotations: { "metallb.io/loadBalancerIPs": address } }),
    );
    await routesOf(ownAddresses);
    const paths = await router.paths(prefix);
    deepEqual(new Set(paths.map(({ asPath }) => asPath)), new Set([`${nodesAs}`]));
    deepEqual(new Set(paths.flatMap(({ communities }) => communities)), new Set(["64512:7"]));
  });

  test("with the traffic policy Local it arrives from the nodes of its endpoints alone", async () => {
    const patch = JSON.stringify({ spec: { externalTrafficPolicy: "Local" } });
    await lab().kubectl(["patch", "service", "web", "--type=merge", "-p", patch]);
    await until("two nodes are left", 20_000, async () => (await nextHops()).length === 2);
    await lab().kubectl(["scale", "deployment/web", "--replicas=0"]);
    await routesOf(() => []);
    await lab().kubectl(["scale", "deployment/web", "--replicas=3"]);
    await routesOf(ownAddresses);
  });

  test("it is withdrawn with the Service, and no session ends for that", async () => {
    const drops = async (): Promise<readonly number[]> =>
      Promise.all(lab().topology.nodes.map(async ({ name }) => (await router.session(name)).drops));
    const before = await drops();
    await lab().kubectl(["delete", "service", "web"]);
    await routesOf(() => []);
    deepEqual(await drops(), before);
  });

  test("sessions end with the BGPPeer", async () => {
    await lab().kubectl(["delete", "bgppeer", "router", "-n", heraldNamespace]);
    for (const { name } of lab().topology.nodes) {
      await until(`the session with ${name} is over`, 20_000, async () => {
        return (await router.session(name)).state !== "Established";
      });
    }
  });
});
