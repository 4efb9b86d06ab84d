import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { echoDeployment, l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply, ready } from "../e2e/observe.ts";
import { ArpProber } from "./arp-prober.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { AddressWatch, benchService } from "./services.ts";
import { spread } from "./statistics.ts";

/**
 * Milliseconds from a Service's creation until its address stands in its status as a watch sees it, and until the first
 * ARP answer to a client that asks every 2 ms. One Service at a time, on an idle cluster. Beside it: a bare create followed
 * by a bare status write, the least that any allocator costs.
 */
export async function benchLatency(cluster: BenchCluster, count: number): Promise<void> {
  const { api, lab } = cluster;
  await apply(lab, pool("latency", ["172.30.64.0-172.30.65.255"]), l2Advertisement("latency", ["latency"]));
  await makeEndpoint(cluster);
  const prober = new ArpProber(lab);
  const watch = new AddressWatch(api);
  await watch.synced;
  const toAddress: number[] = [];
  const toArp: number[] = [];
  const bare: number[] = [];
  for (let index = 0; index < count; index++) {
    bare.push(await bareCreate(cluster, `plain${index}`));
    await pause(100);
    const name = `latency${index}`;
    const start = performance.now();
    await api.create(resourceTypes.services, benchService(name));
    await watch.all([name], 30_000);
    const seen = watch.addressedAt.get(name);
    if (seen === undefined) throw new Error(`Service ${name} has no address`);
    toAddress.push(seen.at - start);
    toArp.push((await prober.firstAnswer(seen.ip)) - performance.timeOrigin - start);
    await pause(100);
  }
  watch.close();
  prober.close();
  console.log(`  Service created → address in its status: ${spread(toAddress)}`);
  console.log(`  Service created → first ARP answer:      ${spread(toArp)}`);
  console.log(`  bare create and status write:            ${spread(bare)}`);
}

async function bareCreate({ api }: BenchCluster, name: string): Promise<number> {
  const start = performance.now();
  await api.create(resourceTypes.services, benchService(name, "bench/bare"));
  const status = { loadBalancer: { ingress: [{ ip: "198.51.100.1" }] } };
  await api.mergePatch(resourceTypes.services, { namespace: "default", name }, { status }, { subresource: "status" });
  return performance.now() - start;
}

/** Layer 2 announces Services with an endpoint only: a Pod that is always ready, for the selector of all bench Services. */
export async function makeEndpoint({ lab }: BenchCluster): Promise<void> {
  await apply(lab, echoDeployment("web", 1));
  await ready(lab, "deployment/web");
}
