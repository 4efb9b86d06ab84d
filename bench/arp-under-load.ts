import { resourceTypes } from "../crds/types/kubernetes.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import { ArpProber } from "./arp-prober.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { AddressWatch, bareService, createService, inParallel } from "./services.ts";
import { report } from "./statistics.ts";

/**
 * ARP latency while the speakers do their heaviest work: `count` Services listed anew (the API server restarts, so that every
 * watch is too old) and compiled anew (the advertisement changes). Beside it: the same address at rest, and the kernel's own
 * answer for a node's address in the same minute.
 */
export async function benchArpUnderLoad(cluster: BenchCluster, count: number): Promise<void> {
  const { api, lab } = cluster;
  await apply(lab, pool("load", ["172.30.64.0-172.30.127.255"]), l2Advertisement("load", ["load"]));
  const names = Array.from({ length: count }, (_, index) => `load${index}`);
  const watch = new AddressWatch(api);
  await watch.synced;
  await inParallel(count, 32, async (index) => {
    const name = `load${index}`;
    await createService(api, bareService(name), index);
    const endpoint = { address: `10.99.${index >> 8}.${index & 255}`, node: `n${(index % 3) + 1}`, ready: true };
    await api.create(resourceTypes.endpointslices, endpointSlice(name, [endpoint]));
  });
  await watch.all(names, 600_000);
  const address = watch.addressedAt.get("load0")?.ip ?? "";
  watch.close();
  const prober = new ArpProber(lab);
  await prober.firstAnswer(address);
  const node = lab.topology.nodes[0]?.addresses[0] ?? "";
  report("kernel's own answer, at rest", await prober.steady(node, 1000, 5));
  report(`one of ${count} addresses, at rest`, await prober.steady(address, 1000, 5));
  const [busy] = await Promise.all([prober.steady(address, 3000, 5), disturb(cluster)]);
  report(`one of ${count} addresses, listed and compiled anew`, busy);
  const [kernel] = await Promise.all([prober.steady(node, 3000, 5), disturb(cluster)]);
  report("kernel's own answer under the same disturbance", kernel);
  prober.close();
}

/** The API server goes and comes, then four changes of the advertisement a second apart. */
async function disturb({ lab }: BenchCluster): Promise<void> {
  await lab.restartApiServer({ downForMs: 500 });
  for (const weight of [1, 2, 3, 4]) {
    const preference = { matchExpressions: [{ key: "bench", operator: "DoesNotExist" }] };
    await apply(lab, l2Advertisement("load", ["load"], { preferredNodeSelectors: [{ weight, preference }] }));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
