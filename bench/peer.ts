import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { install, metallb } from "../e2e/differential/side.ts";
import { heraldPods, pidOf } from "../e2e/herald-pods.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { kubeconfigPath } from "../e2e/lab/state.ts";
import { withLab } from "../e2e/lab/with-lab.ts";
import { heraldNamespace, pool } from "../e2e/manifests.ts";
import { apply } from "../e2e/observe.ts";
import { createKubeClient, type KubeClient, loadKubeConfig } from "../operator/framework/api/kube-client.ts";
import type { KubeObject } from "../operator/framework/api/kube-object.ts";
import { systemClock } from "../operator/framework/system-clock.ts";
import { fillByHand, filledPool } from "./filled.ts";
import { forgetPeak, memoryOf } from "./process-memory.ts";
import { AddressWatch, benchService, deleteServices, inParallel } from "./services.ts";

/** More take it hours: what it does for each Service grows with their number. */
const filled = 1000;

/**
 * MetalLB's controller, for comparison: seconds until 1,000 pending Services have addresses from a new pool, and its memory
 * with `count` Services that have theirs, at rest and at the peak of reading everything anew. Addresses are written by hand
 * before it starts.
 */
export async function benchPeer(count: number): Promise<void> {
  await withLab({}, async (lab) => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfigPath(lab.topology.id), env: {}, clock: systemClock });
    const api = createKubeClient({ access });
    try {
      await fillByHand({ api }, count);
      await install(lab, metallb, "native");
      await apply(lab, filledPool);
      await pause(20_000);
      await print(lab, `${count} Services, at rest`);
      forgetPeak(await controllerOf(lab));
      await lab.restartApiServer({ downForMs: 500 });
      await pause(30_000);
      await print(lab, `${count} Services, everything read anew`);
      await deleteServices(api);
      await pause(5_000);
      await fill(lab, api);
    } finally {
      api.close();
    }
  });
}

async function fill(lab: Lab, api: KubeClient): Promise<void> {
  const names = Array.from({ length: filled }, (_, index) => `pending${index}`);
  const watch = new AddressWatch(api);
  await watch.synced;
  await lab.kubectl(["delete", "ipaddresspool", "--all", "-n", heraldNamespace]);
  await inParallel(filled, 16, (index) => api.create(resourceTypes.services, benchService(names[index] ?? "")));
  const start = performance.now();
  await api.create(resourceTypes.ipaddresspools, pool("big", ["172.30.64.0-172.30.127.255"]) as KubeObject);
  await watch.all(names, 300_000);
  watch.close();
  console.log(`  ${filled} pending Services: ${((performance.now() - start) / 1000).toFixed(1)} s from the pool's creation`);
}

async function print(lab: Lab, what: string): Promise<void> {
  const { now, peak } = memoryOf(await controllerOf(lab));
  console.log(`  ${what}: ${now.toFixed(0)} MiB, peak ${peak.toFixed(0)} MiB`);
}

/** Its Pod has the names that Herald took over. */
async function controllerOf(lab: Lab): Promise<number> {
  const [pod] = await heraldPods(lab, "controller");
  if (pod === undefined) throw new Error("MetalLB's controller does not run");
  return pidOf(lab, pod);
}
