import { resourceTypes } from "../crds/types/kubernetes.ts";
import { l2Advertisement, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import type { BenchCluster } from "./bench-cluster.ts";
import { AddressWatch, benchService, inParallel } from "./services.ts";

/** Makes Services `from` … `count` − 1 with addresses from a pool of 65,536, and waits until all have theirs. */
export async function fillCluster({ api, lab }: BenchCluster, count: number, from = 0): Promise<void> {
  await apply(lab, pool("filled", ["172.31.0.0/16"]), l2Advertisement("filled", ["filled"]));
  const names = Array.from({ length: count - from }, (_, index) => `filled${from + index}`);
  const watch = new AddressWatch(api);
  await watch.synced;
  await inParallel(names.length, 16, (index) => api.create(resourceTypes.services, benchService(names[index] ?? "")));
  await watch.all(names, 600_000);
  watch.close();
}
