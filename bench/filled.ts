import { resourceTypes } from "../crds/types/kubernetes.ts";
import { annotations } from "../crds/types/well-known.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { KubeClient } from "../operator/framework/api/kube-client.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import type { OnlyEndpoint } from "./endpoint-changes.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { AddressWatch, bareService, createService, inParallel } from "./services.ts";

const poolName = "filled";

/** Where the addresses of filled Services come from. */
export const filledPool = pool(poolName, ["172.31.0.0/16"]);

/** Sees to it that Services filled0 … filled`count − 1` have addresses from a pool of 65,536; returns when all have theirs. */
export async function fillCluster({ api, lab }: BenchCluster, count: number): Promise<void> {
  await apply(lab, filledPool, l2Advertisement("filled", [poolName]));
  const there = await api.list(resourceTypes.services, { namespace: "default", labelSelector: "bench=1" });
  const known = new Set(there.map(({ metadata }) => metadata.name));
  const names = filledNames(count);
  const missing = names.flatMap((name, index) => (known.has(name) ? [] : [index]));
  const watch = new AddressWatch(api);
  await watch.synced;
  const endpoints = filledEndpoints(count);
  await inParallel(missing.length, 16, async (each) => {
    const index = missing[each] ?? 0;
    await createService(api, bareService(names[index] ?? ""), index);
    await createSlice(api, endpoints[index]);
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
    await createService(api, bareService(name), index);
    const ingress = [{ ip: addresses[index] ?? "" }];
    const metadata = { annotations: { [annotations.ipAllocatedFromPool]: poolName } };
    const patch = { metadata, status: { loadBalancer: { ingress } } };
    await api.mergePatch(resourceTypes.services, { namespace: "default", name }, patch, { subresource: "status" });
  });
}

/** The endpoint of each filled Service: on the first node. */
export function filledEndpoints(count: number): readonly OnlyEndpoint[] {
  return filledNames(count).map((service, index) => ({
    service,
    endpoint: { address: `10.99.${index >> 8}.${index & 255}`, node: "n1" },
  }));
}

/** As {@link fillByHand}, with an endpoint each, so that speakers announce them. */
export async function fillAnnounced(
  cluster: Pick<BenchCluster, "api" | "lab">,
  count: number,
  advertisement = l2Advertisement("filled", [poolName]),
): Promise<void> {
  await apply(cluster.lab, filledPool, advertisement);
  await fillByHand(cluster, count);
  const endpoints = filledEndpoints(count);
  await inParallel(count, 32, (index) => createSlice(cluster.api, endpoints[index]));
}

async function createSlice(api: KubeClient, only: OnlyEndpoint | undefined): Promise<void> {
  if (only === undefined) return;
  await api.create(resourceTypes.endpointslices, endpointSlice(only.service, [{ ...only.endpoint, ready: true }]));
}

/** The addresses of {@link fillByHand}. */
export function filledAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `172.31.${index >> 8}.${index & 255}`);
}

function filledNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `filled${index}`);
}
