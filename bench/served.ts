import { setTimeout as pause } from "node:timers/promises";
import { createTransport } from "../operator/framework/api/kube-transport.ts";
import type { BenchCluster } from "./bench-cluster.ts";

const calmPerSecond = 15;
const spanMs = 2_000;
const patienceMs = 300_000;

/** Requests that the API server has answered since it was started. */
export async function requestsServed({ access }: BenchCluster): Promise<number> {
  const transport = createTransport(access, 1, "bench");
  const answer = await transport.send({ method: "GET", path: "/metrics", timeoutMs: 30_000 });
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  transport.close();
  const lines = text.split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Resolves when what an earlier load left to write (events, conditions) is written. @throws {Error} after five minutes. */
export async function calm(cluster: BenchCluster): Promise<void> {
  const end = performance.now() + patienceMs;
  for (let before = await requestsServed(cluster); performance.now() < end; ) {
    await pause(spanMs);
    const now = await requestsServed(cluster);
    if (((now - before) * 1000) / spanMs <= calmPerSecond) return;
    before = now;
  }
  throw new Error(`more than ${calmPerSecond} requests a second for ${patienceMs / 1000} s`);
}
