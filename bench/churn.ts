import { resourceTypes } from "../crds/types/kubernetes.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { fillCluster } from "./filled.ts";
import { AddressWatch, bareService, createService } from "./services.ts";
import { quantile, spread } from "./statistics.ts";

/** The rate that is asked for; the next is taken where the API server cannot carry even the bare load. */
const rates = [100, 50, 25, 10, 5];
const seconds = 30;
const trialSeconds = 5;
/** A bare load whose slowest answers take longer than this waits in a queue that grows. */
const carriedMs = 1_000;
const limitMs = 100;

/**
 * Milliseconds from a Service's creation to its address while 100 Services a second are created and deleted, beside `count`
 * that stand; and the same load with a bare create and status write in place of an allocator.
 */
export async function benchChurn(cluster: BenchCluster, count: number): Promise<void> {
  await fillCluster(cluster, count);
  const perSecond = await carriedRate(cluster);
  const bare = await churn(cluster, "plain", { perSecond, seconds }, bareLife);
  const watch = new AddressWatch(cluster.api);
  await watch.synced;
  const served = await churn(cluster, "churn", { perSecond, seconds }, (each, name, index) =>
    servedLife(each, name, index, watch),
  );
  watch.close();
  const [p99, bareP99] = [quantile(served, 0.99), quantile(bare, 0.99)];
  console.log(`  ${count} Services stand; ${perSecond} a second are created and deleted for ${seconds} s`);
  console.log(`  created → address in its status:      ${spread(served)}`);
  console.log(`  bare create and status write instead: ${spread(bare)}`);
  console.log(`  p99 is ${(p99 / limitMs).toFixed(2)} of 100 ms, and ${(p99 / bareP99).toFixed(2)} times the bare p99`);
}

/** The highest of the rates at which bare writes alone are answered in time. @throws Error when none is. */
async function carriedRate(cluster: BenchCluster): Promise<number> {
  for (const perSecond of rates) {
    const load = { perSecond, seconds: trialSeconds };
    const slowest = quantile(await churn(cluster, `trial${perSecond}-`, load, bareLife), 0.99);
    if (slowest <= carriedMs) return perSecond;
    console.log(`  ${perSecond} a second are more than this API server carries: bare p99 ${slowest.toFixed(0)} ms`);
  }
  throw new Error("the API server does not carry the lowest rate");
}

type Load = { readonly perSecond: number; readonly seconds: number };
type Life = (cluster: BenchCluster, name: string, index: number) => Promise<number>;
/** Cluster addresses from here on are no standing Service's. */
const firstIndex = 20_000;

/** Begins lives at a fixed rate whatever becomes of the earlier ones: a slow answer does not slow the load down. */
async function churn(
  cluster: BenchCluster,
  prefix: string,
  { perSecond, seconds: duration }: Load,
  life: Life,
): Promise<readonly number[]> {
  const lives: Promise<number>[] = [];
  const start = performance.now();
  for (let index = 0; index < perSecond * duration; index++) {
    const due = start + (index * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    lives.push(life(cluster, `${prefix}${index}`, firstIndex + index));
  }
  return Promise.all(lives);
}

async function servedLife({ api }: BenchCluster, name: string, index: number, watch: AddressWatch): Promise<number> {
  const start = performance.now();
  await createService(api, bareService(name), index);
  await watch.all([name], 120_000);
  const latency = (watch.addressedAt.get(name)?.at ?? Number.NaN) - start;
  await api.delete(resourceTypes.services, { namespace: "default", name });
  return latency;
}

async function bareLife({ api }: BenchCluster, name: string, index: number): Promise<number> {
  const start = performance.now();
  await createService(api, bareService(name, "bench/bare"), index);
  const status = { loadBalancer: { ingress: [{ ip: "198.51.100.1" }] } };
  await api.mergePatch(resourceTypes.services, { namespace: "default", name }, { status }, { subresource: "status" });
  const latency = performance.now() - start;
  await api.delete(resourceTypes.services, { namespace: "default", name });
  return latency;
}
