import { setTimeout as pause } from "node:timers/promises";
import { createTransport } from "../operator/framework/api/kube-transport.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { fillCluster } from "./filled.ts";

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

async function requestsServed({ access }: BenchCluster): Promise<number> {
  const transport = createTransport(access, 1, "bench");
  const answer = await transport.send({ method: "GET", path: "/metrics", timeoutMs: 30_000 });
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  transport.close();
  const lines = text.split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
