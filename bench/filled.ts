import { resourceTypes } from "../crds/types/kubernetes.ts";
import { annotations } from "../crds/types/well-known.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { KubeClient } from "../operator/framework/kube-client.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { AddressWatch, bareService, inParallel } from "./services.ts";

const poolName = "filled";

/** Where the addresses of filled Services come from. */
export const filledPool = pool(poolName, ["172.31.0.0/16"]);

/** Sees to it that Services filled0 … filled`count − 1` have addresses from a pool of 65,536; returns when all have theirs. */
export async function fillCluster({ api, lab }: BenchCluster, count: number): Promise<void> {
  await apply(lab, filledPool, l2Advertisement("filled", [poolName]));
  const there = await api.list(resourceTypes.services, { namespace: "default", labelSelector: "bench=1" });
  const known = new Set(there.map(({ metadata }) => metadata.name));
  const names = filledNames(count);
  const missing = names.filter((name) => !known.has(name));
  const watch = new AddressWatch(api);
  await watch.synced;
  await inParallel(missing.length, 16, async (index) => {
    await api.create(resourceTypes.services, bareService(missing[index] ?? ""));
    await createEndpoint(api, missing[index] ?? "", index);
  });
  await watch.all(names, 600_000);
  watch.close();
}

/** The same state without an allocator: addresses and pool are written by hand, as an allocator would leave them. */
export async function fillByHand({ api }: Pick<BenchCluster, "api">, count: number): Promise<void> {
  const names = filledNames(count);
  const addresses = filledAddresses(count);
  await inParallel(count, 32, async (index) => {
    const name = names[index] ?? "";
    await api.create(resourceTypes.services, bareService(name));
    const ingress = [{ ip: addresses[index] ?? "" }];
    const metadata = { annotations: { [annotations.ipAllocatedFromPool]: poolName } };
    const patch = { metadata, status: { loadBalancer: { ingress } } };
    await api.mergePatch(resourceTypes.services, { namespace: "default", name }, patch, { subresource: "status" });
  });
}

/** As {@link fillByHand}, with an endpoint each on the first node, so that speakers announce them. */
export async function fillAnnounced(
  cluster: Pick<BenchCluster, "api" | "lab">,
  count: number,
  advertisement = l2Advertisement("filled", [poolName]),
): Promise<void> {
  await apply(cluster.lab, filledPool, advertisement);
  await fillByHand(cluster, count);
  const names = filledNames(count);
  await inParallel(count, 32, (index) => createEndpoint(cluster.api, names[index] ?? "", index));
}

/** An EndpointSlice of one endpoint on the first node. */
async function createEndpoint(api: KubeClient, service: string, index: number): Promise<void> {
  const endpoint = { address: `10.99.${index >> 8}.${index & 255}`, node: "n1", ready: true };
  await api.create(resourceTypes.endpointslices, endpointSlice(service, [endpoint]));
}

/** The addresses of {@link fillByHand}. */
export function filledAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `172.31.${index >> 8}.${index & 255}`);
}

function filledNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `filled${index}`);
}
