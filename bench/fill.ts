import { resourceTypes } from "../crds/types/kubernetes.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { KubeObject } from "../operator/framework/kube-object.ts";
import { createTransport } from "../operator/framework/kube-transport.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { AddressWatch, benchService, deleteServices, inParallel } from "./services.ts";

type Verb = "PATCH" | "PUT";

/**
 * Seconds from a pool's creation until `count` pending Services all have an address, beside bare loops that write as many
 * Service statuses with the same kind of connection: both verbs, 1, 8 and 32 at a time.
 */
export async function benchFill(cluster: BenchCluster, count: number): Promise<void> {
  const limits: { readonly label: string; readonly perSecond: number }[] = [];
  await inParallel(count, 16, (index) => cluster.api.create(resourceTypes.services, benchService(`bare${index}`, "bench/bare")));
  for (const verb of ["PATCH", "PUT"] as const) {
    for (const parallel of [1, 8, 32]) {
      const seconds = await bareLoop(cluster, verb, count, parallel, limits.length);
      limits.push({ label: `${verb} × ${parallel}`, perSecond: count / seconds });
    }
  }
  await deleteServices(cluster.api);

  const names = Array.from({ length: count }, (_, index) => `fill${index}`);
  await inParallel(count, 16, (index) => cluster.api.create(resourceTypes.services, benchService(`fill${index}`)));
  const watch = new AddressWatch(cluster.api);
  await watch.synced;
  await apply(cluster.lab, l2Advertisement("big", ["big"]));
  const start = performance.now();
  await cluster.api.create(resourceTypes.ipaddresspools, pool("big", ["172.30.64.0-172.30.127.255"]) as KubeObject);
  await watch.all(names, 300_000);
  const last = Math.max(...names.map((name) => watch.addressedAt.get(name)?.at ?? Number.NaN));
  const first = Math.min(...names.map((name) => watch.addressedAt.get(name)?.at ?? Number.NaN));
  watch.close();
  const perSecond = (count / (last - first)) * 1000;
  const limit = limits.reduce((best, candidate) => (candidate.perSecond > best.perSecond ? candidate : best));
  for (const { label, perSecond: rate } of limits) console.log(`  bare loop ${label}: ${rate.toFixed(0)} statuses/s`);
  console.log(
    `  ${count} pending Services: ${((last - start) / 1000).toFixed(2)} s from the pool's creation to the last address`,
  );
  console.log(`  ${perSecond.toFixed(0)} Services/s from the first to the last`);
  const whole = (count / (last - start)) * 1000;
  console.log(
    `  ratio to the fastest bare loop (${limit.label}): ${(perSecond / limit.perSecond).toFixed(2)}, from the pool's creation ${(whole / limit.perSecond).toFixed(2)}`,
  );
}

/** @returns seconds to write `count` statuses, `parallel` at a time. */
async function bareLoop(
  { access, api }: BenchCluster,
  verb: Verb,
  count: number,
  parallel: number,
  round: number,
): Promise<number> {
  const services = await api.list(resourceTypes.services, { namespace: "default", labelSelector: "bench=1" });
  const transport = createTransport(access, parallel, "bench");
  const start = performance.now();
  await inParallel(count, parallel, async (index) => {
    const service = services[index];
    if (service === undefined) throw new Error("a bench Service is missing");
    const status = { loadBalancer: { ingress: [{ ip: `198.51.${100 + round}.${index % 256}` }] } };
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
