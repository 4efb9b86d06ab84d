import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { annotations } from "../crds/types/well-known.ts";
import { heraldPods, pidOf } from "../e2e/herald-pods.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { batch } from "../e2e/lab/network.ts";
import { kubeconfigPath } from "../e2e/lab/state.ts";
import { until } from "../e2e/lab/until.ts";
import { withLab } from "../e2e/lab/with-lab.ts";
import { bfdProfile, bgpAdvertisement, bgpPeer, heraldNamespace } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { Router } from "../e2e/routers/router.ts";
import type { NeighborDescription } from "../e2e/routers/router-description.ts";
import { startRouter } from "../e2e/routers/start-router.ts";
import { createKubeClient, type KubeClient, loadKubeConfig } from "../operator/framework/api/kube-client.ts";
import { systemClock } from "../operator/framework/system-clock.ts";
import { stopKubeProxies } from "./bench-cluster.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { fillAnnounced } from "./filled.ts";
import { memoryOf, startedMsAgo } from "./process-memory.ts";
import { RouteCount } from "./route-count.ts";
import { RouteWatch } from "./route-watch.ts";
import { bareService } from "./services.ts";
import { heraldSide, prepareForSpeakers, type SpeakerSide, startSpeakers, stopSpeakers } from "./speaker-side.ts";
import { quantile, spread } from "./statistics.ts";

const [routerAs, nodesAs] = [64512, 64513];
const rounds = 3;
const newServices = 100;
/** With thousands of routes MetalLB takes many seconds for each new one: after so long no further one is made. */
const newServicesMs = 120_000;
const routeMs = 120_000;
/** MetalLB sends some 60 routes a second when there are 10,000. */
const allRoutesMs = 400_000;
/** No further start is measured after so long. */
const coldStartsMs = 120_000;
const advertisement = bgpAdvertisement("filled", ["filled"]);
/** Where further peers of the node are, and its own address towards each. */
const furtherPeers = [2, 3, 4].map((part) => ({ name: `n1x${part}`, router: `172.30.0.${part}`, node: `172.30.0.12${part}` }));
const bfd = { transmitMs: 300, receiveMs: 300, multiplier: 3 };

/**
 * A BIRD at the lab's router, and on the one node each speaker with `count` Services: seconds from the start of the process until the
 * router has every route; milliseconds from a new Service's address to the route in the router's kernel, with the others standing;
 * memory; how long it takes to withdraw all. Of Herald's also the memory with four peers and BFD.
 */
export async function benchBgp(count: number, sides: readonly SpeakerSide[]): Promise<void> {
  await withLab({ nodes: 1, family: "ipv4" }, async (lab) => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfigPath(lab.topology.id), env: {}, clock: systemClock });
    const api = createKubeClient({ access });
    await addAddresses(lab);
    const router = await startRouter(lab, "r", "bird", routerDescription(lab));
    const routes = new RouteCount(router.daemons.pids.get("bird") ?? 0);
    try {
      await stopKubeProxies(lab);
      await prepareForSpeakers(lab);
      await apply(lab, bgpPeer("router", firstPeer(lab)));
      const startedAt = performance.now();
      await fillAnnounced({ api, lab }, count, advertisement);
      console.log(`  ${count} Services were made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
      for (const side of sides) {
        await benchSide({ lab, api, router, routes, side, count });
        if (side !== sides.at(-1)) await stopSpeakers(lab, api);
      }
    } finally {
      await router.daemons.kill();
      api.close();
    }
  });
}

type Bench = {
  readonly lab: Lab;
  readonly api: KubeClient;
  readonly router: Router;
  readonly routes: RouteCount;
  readonly side: SpeakerSide;
  readonly count: number;
};

async function benchSide(bench: Bench): Promise<void> {
  const { lab, router, side, count } = bench;
  await apply(lab, advertisement);
  await startSpeakers(lab, side);
  await allRoutes(router, count);
  await pause(10_000);
  await newServiceToRoute(bench);
  const coldStarts: number[] = [];
  const endAt = performance.now() + coldStartsMs;
  while (coldStarts.length < rounds && performance.now() < endAt) coldStarts.push((await coldStart(bench)) / 1000);
  const [half, worst] = [quantile(coldStarts, 0.5), Math.max(...coldStarts)];
  console.log(
    `  ${side.name}, start to ${count} routes: half ${half.toFixed(2)} s, worst ${worst.toFixed(2)} s (n ${coldStarts.length})`,
  );
  await pause(5000);
  await printMemory(bench, `${count} routes`);
  await withdrawAll(bench);
  if (side === heraldSide) await withFourPeers(bench);
}

async function printMemory({ lab, side }: Bench, what: string): Promise<void> {
  const { now, peak } = memoryOf(await speakerPid(lab));
  console.log(`  ${side.name}, ${what}: ${now.toFixed(0)} MiB resident, peak ${peak.toFixed(0)} MiB`);
}

/** The advertisement of all is deleted. */
async function withdrawAll({ api, router, side, count }: Bench): Promise<void> {
  const startedAt = performance.now();
  await api.delete(resourceTypes.bgpadvertisements, { namespace: heraldNamespace, name: "filled" });
  const what = `${side.name}, ${count} routes withdrawn by deleting their advertisement`;
  try {
    await until("no route is left", allRoutesMs, async () => (await router.session("n1")).prefixes === 0);
    console.log(`  ${what}: ${((performance.now() - startedAt) / 1000).toFixed(2)} s`);
  } catch (error) {
    console.log(`  ${what}: ${error instanceof Error ? error.message : error}`); // the other side is still to be measured
  }
}

/** Four sessions with the same router, each with BFD. */
async function withFourPeers(bench: Bench): Promise<void> {
  const { lab, router, count } = bench;
  const further = furtherPeers.map((at) =>
    bgpPeer(at.name, { ...firstPeer(lab), peerAddress: at.router, sourceAddress: at.node, bfdProfile: "usual" }),
  );
  const first = bgpPeer("router", { ...firstPeer(lab), bfdProfile: "usual" });
  await apply(lab, advertisement, bfdProfile("usual", {}), first, ...further);
  for (const name of ["n1", ...furtherPeers.map((at) => at.name)]) {
    await allRoutes(router, count, name);
    await until(`BFD with ${name} is up`, 30_000, async () => (await router.bfd(name))?.state === "Up");
  }
  await pause(10_000);
  await printMemory(bench, `${count} routes to each of 4 peers with BFD, which came one after another`);
  await coldStart(bench);
  for (const { name } of furtherPeers) await allRoutes(router, count, name);
  await pause(10_000);
  await printMemory(bench, `${count} routes to each of 4 peers with BFD, after a start`);
}

function firstPeer(lab: Lab): object {
  return { myASN: nodesAs, peerASN: routerAs, peerAddress: lab.topology.router.addresses[0] ?? "" };
}

async function addAddresses({ topology }: Lab): Promise<void> {
  const add = (namespace: string, addresses: readonly string[]): Promise<void> =>
    batch(
      namespace,
      addresses.map((address) => `address add ${address}/24 dev eth0`),
    );
  await add(
    topology.router.namespace,
    furtherPeers.map(({ router }) => router),
  );
  await add(
    topology.nodes[0]?.namespace ?? "",
    furtherPeers.map(({ node }) => node),
  );
}

/** Kills the speaker. @returns milliseconds from the start of the next one until the router's kernel has every route. */
async function coldStart({ lab, routes, count }: Bench): Promise<number> {
  const [pod] = await heraldPods(lab, "speaker");
  const before = await speakerPid(lab);
  lab.killPod(heraldNamespace, pod?.name ?? "", "speaker");
  await until("the routes are gone", 30_000, async () => routes.now === 0);
  await until("another speaker runs", 330_000, async () => (await speakerPid(lab)) !== before);
  const reachedAt = await routes.reaches(count, allRoutesMs);
  return startedMsAgo(await speakerPid(lab)) - (performance.now() - reachedAt);
}

async function newServiceToRoute({ lab, api, side, count }: Bench): Promise<void> {
  const watch = new RouteWatch(lab.topology.router.namespace);
  const latencies: number[] = [];
  const endAt = performance.now() + newServicesMs;
  for (let index = 0; index < newServices && performance.now() < endAt; index++) {
    const [name, ip] = [`new-${side.name.toLowerCase()}-${index}`, `172.31.250.${index}`];
    await api.create(resourceTypes.services, bareService(name));
    await api.create(resourceTypes.endpointslices, endpointSlice(name, [{ address: "10.99.250.1", node: "n1", ready: true }]));
    const patch = {
      metadata: { annotations: { [annotations.ipAllocatedFromPool]: "filled" } },
      status: { loadBalancer: { ingress: [{ ip }] } },
    };
    await pause(100);
    const writtenAt = performance.now();
    await api.mergePatch(resourceTypes.services, { namespace: "default", name }, patch, { subresource: "status" });
    latencies.push((await watch.cameAt(ip, routeMs)) - writtenAt);
    await api.delete(resourceTypes.services, { namespace: "default", name });
  }
  watch.close();
  const missing = latencies.filter((ms) => ms === Number.POSITIVE_INFINITY).length;
  const late = missing === 0 ? "" : `, ${missing} of them not within ${routeMs / 1000} s`;
  console.log(`  ${side.name}, new Service to route with ${count} standing: ${spread(latencies)}${late}`);
}

function routerDescription(lab: Lab) {
  const [node] = lab.topology.nodes;
  const first = { name: "n1", router: lab.topology.router.addresses[0] ?? "", node: node?.addresses[0] ?? "" };
  const neighbors = [first, ...furtherPeers].map(
    (at): NeighborDescription => ({
      ...{ name: at.name, at: { address: at.node }, localAddress: at.router, autonomousSystem: nodesAs },
      ...{ families: ["ipv4"], passive: true, bfd },
    }),
  );
  return { autonomousSystem: routerAs, routerId: first.router, neighbors };
}

async function allRoutes(router: Router, count: number, neighbor = "n1"): Promise<void> {
  const enough = async (): Promise<boolean> => (await router.session(neighbor)).prefixes >= count;
  await until(`the router has ${count} routes of ${neighbor}`, allRoutesMs, enough);
}

async function speakerPid(lab: Lab): Promise<number> {
  const [pod] = await heraldPods(lab, "speaker");
  if (pod === undefined) throw new Error("no speaker runs");
  return pidOf(lab, pod);
}
