import { setTimeout as pause } from "node:timers/promises";
import type { BenchCluster } from "./bench-cluster.ts";
import { fillCluster } from "./filled.ts";
import { requestsServed } from "./served.ts";

const seconds = 30;
const few = 100;

/** Requests a second that the API server gets while nothing changes: with 100 Services and with `count`, in one lab. */
export async function benchRest(cluster: BenchCluster, count: number): Promise<void> {
  await fillCluster(cluster, few);
  const before = await requestsPerSecond(cluster);
  await fillCluster(cluster, count);
  const after = await requestsPerSecond(cluster);
  console.log(
    `  with ${few} Services: ${before.toFixed(1)} requests/s; with ${count}: ${after.toFixed(1)} (the lab's own included)`,
  );
}

async function requestsPerSecond(cluster: BenchCluster): Promise<number> {
  let rate = Number.POSITIVE_INFINITY;
  // What follows a fill (events, statuses of speakers) has to end first: the rate is that of the quietest of some spans.
  for (let span = 0; span < 6; span++) {
    const start = await requestsServed(cluster);
    await pause(seconds * 1000);
    rate = Math.min(rate, ((await requestsServed(cluster)) - start - 1) / seconds);
  }
  return rate;
}
