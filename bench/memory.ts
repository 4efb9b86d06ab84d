import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import type { KubeObject } from "../operator/framework/api/kube-object.ts";
import type { BenchCluster, BenchService } from "./bench-cluster.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { fillCluster } from "./filled.ts";
import { leaderOf } from "./leader.ts";
import { forgetPeak, memoryOf } from "./process-memory.ts";
import { inParallel } from "./services.ts";

const clusterServices = 5000;
const endpointsInAll = 20_000;
const changesPerSecond = 50;
const churnSeconds = 30;

/**
 * Resident memory of the leading operator with `count` Services: at rest, at the peak of reading everything anew, and with
 * other people's Services and 50 changed EndpointSlices a second besides.
 */
export async function benchMemory(cluster: BenchCluster, count: number): Promise<void> {
  await fillCluster(cluster, count);
  await pause(5_000);
  await print(cluster, `${count} Services, at rest`);
  await relist(cluster, `${count} Services, everything read anew`);
  await makeNeighbours(cluster);
  await churnSlices(cluster);
  await print(
    cluster,
    `and ${clusterServices} ClusterIP Services, ${endpointsInAll} endpoints, ${changesPerSecond} changes a second`,
  );
  await relist(cluster, "and everything read anew");
}

async function print({ lab }: BenchCluster, what: string): Promise<void> {
  const { now, peak } = memoryOf((await leaderOf(lab)).pid);
  console.log(`  ${what}: ${now.toFixed(0)} MiB, peak ${peak.toFixed(0)} MiB`);
}

/** A new API server has no history: every watch ends, and everything is listed. */
async function relist(cluster: BenchCluster, what: string): Promise<void> {
  forgetPeak((await leaderOf(cluster.lab)).pid);
  await cluster.lab.restartApiServer({ downForMs: 500 });
  await pause(15_000);
  await print(cluster, what);
}

/** Services of others with four endpoints each, whose slices are written here: no Pods stand behind them. */
async function makeNeighbours({ api }: BenchCluster): Promise<void> {
  await inParallel(clusterServices, 16, async (index) => {
    const name = `neighbour${index}`;
    const metadata = { name, namespace: "default", labels: { bench: "1" } };
    const spec = { ports: [{ port: 80 }] };
    await api.create(resourceTypes.services, { apiVersion: "v1", kind: "Service", metadata, spec } as BenchService);
    await api.create(resourceTypes.endpointslices, slice(name, index, 0));
  });
}

function slice(service: string, index: number, turn: number): KubeObject {
  const endpoints = Array.from({ length: endpointsInAll / clusterServices }, (_, each) => ({
    address: `10.${200 + (index >> 8)}.${index & 255}.${each + 1}`,
    node: `n${(each % 3) + 1}`,
    ready: (each + turn) % 2 === 0,
  }));
  return endpointSlice(service, endpoints);
}

async function churnSlices({ api }: BenchCluster): Promise<void> {
  for (let index = 0; index < changesPerSecond * churnSeconds; index++) {
    const name = `neighbour${index % clusterServices}`;
    const { endpoints } = slice(name, index, 1) as unknown as { readonly endpoints: object };
    void api.mergePatch(resourceTypes.endpointslices, { namespace: "default", name: `${name}-bench` }, { endpoints });
    await pause(1000 / changesPerSecond);
  }
}
