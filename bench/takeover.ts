import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { until } from "../e2e/lab/until.ts";
import { heraldNamespace } from "../e2e/manifests.ts";
import { read } from "../e2e/observe.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { fillCluster } from "./filled.ts";
import { leaderOf } from "./leader.ts";
import { AddressWatch, benchService } from "./services.ts";
import { quantile } from "./statistics.ts";

const rounds = 5;

/**
 * Seconds from SIGTERM to the leading operator until a Service that is created in that moment has its address.
 */
export async function benchTakeover(cluster: BenchCluster, count: number): Promise<void> {
  await fillCluster(cluster, count);
  const watch = new AddressWatch(cluster.api);
  await watch.synced;
  const handover: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { pid } = await leaderOf(cluster.lab);
    handover.push(await served(cluster, watch, `handover${round}`, pid));
  }
  watch.close();
  console.log(`  ${count} Services stand; the leader gets SIGTERM and a Service is created`);
  console.log(
    `  until the new Service has its address: median ${seconds(quantile(handover, 0.5))}, worst ${seconds(Math.max(...handover))} (n ${rounds})`,
  );
}

async function served(cluster: BenchCluster, watch: AddressWatch, name: string, pid: number): Promise<number> {
  const { api, lab } = cluster;
  const start = performance.now();
  process.kill(pid, "SIGTERM");
  await api.create(resourceTypes.services, benchService(name));
  await watch.all([name], 120_000);
  const took = (watch.addressedAt.get(name)?.at ?? Number.NaN) - start;
  await replicasReady(lab);
  return took;
}

/** Both, and for long enough that the kubelet has seen what became of the one that was stopped. */
async function replicasReady(lab: Lab): Promise<void> {
  await pause(2_000);
  await until("both replicas are ready", 60_000, async () => {
    return (await read(lab, "deployment/controller", "{.status.readyReplicas}", heraldNamespace)) === "2";
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
