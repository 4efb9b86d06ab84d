import { resourceTypes } from "../crds/types/kubernetes.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import { type BenchCluster, stopKubeProxies } from "./bench-cluster.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { AddressWatch, bareService, createService, inParallel } from "./services.ts";

/**
 * Makes so many Services with addresses of their own beside the one of the failover lab, whose advertisement then prefers one node
 * to the next: so all addresses are on one node at any time. kube-proxy is stopped; what it has programmed stays.
 * @param prefer false: the addresses are spread over the nodes. MetalLB 0.15 knows no preference.
 * @returns the addresses.
 */
export async function manyAddresses({ api, lab }: BenchCluster, count: number, prefer = true): Promise<readonly string[]> {
  await stopKubeProxies(lab);
  const step = Math.floor(100 / lab.nodes.length);
  const preferredNodeSelectors = lab.nodes.map((node, index) => ({
    weight: 100 - index * step,
    preference: { matchLabels: { "kubernetes.io/hostname": node } },
  }));
  const pools = ["failover", "many"];
  await apply(
    lab,
    pool("many", ["172.30.64.0-172.30.79.255"]),
    l2Advertisement("failover", pools, prefer ? { preferredNodeSelectors } : {}),
  );
  const watch = new AddressWatch(api);
  await watch.synced;
  const names = Array.from({ length: count }, (_, index) => `many${index}`);
  await inParallel(count, 16, async (index) => {
    const service = bareService(names[index] ?? "");
    const annotations = { "metallb.io/address-pool": "many" };
    await createService(api, { ...service, metadata: { ...service.metadata, annotations } }, index);
    await api.create(resourceTypes.endpointslices, endpointSlice(names[index] ?? "", [{ address: "172.30.0.1", ready: true }]));
  });
  await watch.all(names, 300_000);
  watch.close();
  return names.map((name) => watch.addressedAt.get(name)?.ip ?? "");
}

/** Of many addresses so many are asked for all the time; the unasked announcements of all are recorded. */
const sample = 10;

/** The first address, which answers TCP, and others at even distances. */
export function spreadOf(addresses: readonly string[]): readonly string[] {
  const step = Math.max(1, Math.floor(addresses.length / sample));
  return addresses.filter((_, index) => index % step === 0).slice(0, sample);
}
