import { resourceTypes } from "../crds/types/kubernetes.ts";
import { waitUntilInstalled } from "../e2e/installed-cluster.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { fillCluster } from "./filled.ts";
import { leaderOf } from "./leader.ts";
import { AddressWatch, benchService } from "./services.ts";
import { quantile } from "./statistics.ts";

const rounds = 5;

/**
 * Seconds from SIGTERM to the leading operator until a Service that is created in that moment has its address; then the same
 * with both replicas stopped at once, so that a process has to start, list and adopt everything first.
 */
export async function benchTakeover(cluster: BenchCluster, count: number): Promise<void> {
  await fillCluster(cluster, count);
  const watch = new AddressWatch(cluster.api);
  await watch.synced;
  const handover: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { pid } = await leaderOf(cluster.lab);
    handover.push(await served(cluster, watch, `handover${round}`, [pid]));
  }
  watch.close();
  console.log(`  ${count} Services stand; the leader gets SIGTERM and a Service is created`);
  console.log(
    `  until the new Service has its address: median ${seconds(quantile(handover, 0.5))}, worst ${seconds(Math.max(...handover))} (n ${rounds})`,
  );
}

async function served(cluster: BenchCluster, watch: AddressWatch, name: string, pids: readonly number[]): Promise<number> {
  const { api, lab } = cluster;
  const start = performance.now();
  for (const pid of pids) process.kill(pid, "SIGTERM");
  await api.create(resourceTypes.services, benchService(name));
  await watch.all([name], 120_000);
  const took = (watch.addressedAt.get(name)?.at ?? Number.NaN) - start;
  await waitUntilInstalled(lab);
  return took;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
