import { setTimeout as sleep } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { until } from "../e2e/lab/until.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { KubeObject } from "../operator/framework/api/kube-object.ts";
import { createTransport } from "../operator/framework/api/kube-transport.ts";
import { AddressLog } from "./address-log.ts";
import type { BenchCluster, BenchService } from "./bench-cluster.ts";
import { calm } from "./served.ts";
import { bareService, createService, inParallel } from "./services.ts";
import { quantile } from "./statistics.ts";

type Loop = { readonly verb: "PATCH" | "PUT"; readonly parallel: number };

const loops: readonly Loop[] = [1, 8, 32].flatMap((parallel) => [
  { verb: "PATCH", parallel },
  { verb: "PUT", parallel },
]);
const rounds = 5;

/** One round: seconds from the pool's creation to the first and to the last address, and the loops' writes per second. */
type Round = { readonly first: number; readonly last: number; readonly bare: readonly number[] };

/**
 * Seconds from a pool's creation until `count` pending Services all have an address, beside bare loops that write as many
 * Service statuses with the same kind of connection: both verbs, 1, 8 and 32 at a time. Medians of the rounds.
 */
export async function benchFill(cluster: BenchCluster, count: number): Promise<void> {
  await apply(cluster.lab, l2Advertisement("big", ["big"]));
  await createServices(cluster, count);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure(cluster, count, round));
  const median = (value: (round: Round) => number): number => quantile(measured.map(value), 0.5);
  const bareRates = loops.map((_, index) => median(({ bare }) => bare[index] ?? Number.NaN));
  for (const [index, { verb, parallel }] of loops.entries())
    console.log(`  bare loop ${verb} × ${parallel}: ${bareRates[index]?.toFixed(0)} statuses/s`);
  console.log(
    `  ${count} pending Services: ${median(({ last }) => last).toFixed(2)} s from the pool's creation to the last address`,
  );
  console.log(
    `  first address after ${median(({ first }) => first).toFixed(2)} s; ${median(rate).toFixed(0)} Services/s over all`,
  );
  const ratios = measured.map((round) => rate(round) / Math.max(...round.bare));
  const each = ratios.map((ratio) => ratio.toFixed(2)).join(", ");
  console.log(`  ratio to the fastest bare loop of its round: ${quantile(ratios, 0.5).toFixed(2)} (${each})`);
  console.log(
    `  ratio of the medians, to the loop that was fastest by its median: ${(median(rate) / Math.max(...bareRates)).toFixed(2)}`,
  );

  function rate({ last }: Round): number {
    return count / last;
  }
}

/** Of no allocator that runs here, so that only the bare loops write to Services of it. */
const foreignClass = "bench/bare";
/** To write each of these often enough to tell the rate, and not for minutes. */
const bareCount = 1000;

async function createServices({ api }: BenchCluster, count: number): Promise<void> {
  await inParallel(bareCount, 16, (index) => createService(api, bareService(`bare${index}`, foreignClass), index));
  await inParallel(count, 16, (index) => createService(api, bareService(`fill${index}`), bareCount + index));
}

async function servicesOf({ api }: BenchCluster): Promise<{ readonly bare: BenchService[]; readonly fill: BenchService[] }> {
  const all = await api.list<BenchService>(resourceTypes.services, { namespace: "default", labelSelector: "bench=1" });
  const isBare = ({ metadata }: BenchService): boolean => metadata.name.startsWith("bare");
  return { bare: all.filter(isBare), fill: all.filter((service) => !isBare(service)) };
}

async function measure(cluster: BenchCluster, count: number, round: number): Promise<Round> {
  const { api } = cluster;
  const bare: number[] = [];
  await calm(cluster);
  for (const loop of loops) bare.push(bareCount / (await bareLoop(cluster, loop, bare.length + round * loops.length)));

  const names = Array.from({ length: count }, (_, index) => `fill${index}`);
  const log = await AddressLog.open(cluster);
  const start = performance.now();
  await api.create(resourceTypes.ipaddresspools, pool("big", ["172.30.64.0-172.30.127.255"]) as KubeObject);
  const seen = await log.times(names, 300_000);
  log.close();
  const times = names.map((name) => ((seen.get(name) ?? Number.NaN) - start) / 1000);
  const fastest = Math.max(...bare).toFixed(0);
  console.log(`  round ${round + 1}: ${Math.max(...times).toFixed(2)} s; the fastest bare loop wrote ${fastest} statuses/s`);
  await api.delete(resourceTypes.ipaddresspools, { namespace: "metallb-system", name: "big" });
  await until("no Service has an address", 300_000, async () => {
    await sleep(2_000);
    const { fill } = await servicesOf(cluster);
    return fill.every(({ status }) => (status?.loadBalancer?.ingress ?? []).length === 0);
  });
  return { first: Math.min(...times), last: Math.max(...times), bare };
}

/** @returns seconds to write {@link bareCount} statuses, other ones than any loop before. */
async function bareLoop(cluster: BenchCluster, { verb, parallel }: Loop, net: number): Promise<number> {
  const { bare } = await servicesOf(cluster);
  const transport = createTransport(cluster.access, parallel, "bench");
  const start = performance.now();
  await inParallel(bareCount, parallel, async (index) => {
    const service = bare[index];
    if (service === undefined) throw new Error("a bench Service is missing");
    const status = { loadBalancer: { ingress: [{ ip: `198.51.${100 + net}.${index % 256}` }] } };
    const answer = await transport.send({
      method: verb,
      path: `/api/v1/namespaces/default/services/${service.metadata.name}/status`,
      contentType: verb === "PATCH" ? "application/merge-patch+json" : "application/json",
      body: JSON.stringify(verb === "PATCH" ? { status } : { ...service, status }),
      timeoutMs: 30_000,
    });
    for await (const _ of answer); // the connection is free again only when the answer has been read
    if (answer.statusCode !== 200) throw new Error(`${verb} of a status: HTTP ${answer.statusCode}`);
  });
  const seconds = (performance.now() - start) / 1000;
  transport.close();
  return seconds;
}
