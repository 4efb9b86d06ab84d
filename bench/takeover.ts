import { resourceTypes } from "../crds/types/kubernetes.ts";
import { type HeraldPod, heraldPods } from "../e2e/herald-pods.ts";
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
    handover.push(await served(cluster, watch, `handover${round}`));
  }
  watch.close();
  console.log(`  ${count} Services stand; the leader gets SIGTERM and a Service is created`);
  console.log(
    `  until the new Service has its address: median ${seconds(quantile(handover, 0.5))}, worst ${seconds(Math.max(...handover))} (n ${rounds}: ${handover.map(seconds).join(", ")})`,
  );
}

async function served(cluster: BenchCluster, watch: AddressWatch, name: string): Promise<number> {
  const { api, lab } = cluster;
  const { pod, pid } = await leaderOf(lab);
  const start = performance.now();
  process.kill(pid, "SIGTERM");
  await api.create(resourceTypes.services, benchService(name));
  await watch.all([name], 120_000);
  const took = (watch.addressedAt.get(name)?.at ?? Number.NaN) - start;
  await replaced(lab, pod);
  return took;
}

/** The stopped one runs anew and both are ready, or the next round would stop the only replica that serves. */
async function replaced(lab: Lab, { name, restarts }: HeraldPod): Promise<void> {
  await until(`${name} runs anew, and both replicas are ready`, 120_000, async () => {
    const pods = await heraldPods(lab, "controller");
    if (pods.some((pod) => pod.name === name && pod.restarts === restarts)) return false;
    return (await read(lab, "deployment/controller", "{.status.readyReplicas}", heraldNamespace)) === "2";
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
