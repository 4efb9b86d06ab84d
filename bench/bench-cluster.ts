import { install, waitUntilInstalled } from "../e2e/installed-cluster.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { stopProcess } from "../e2e/lab/process.ts";
import { kubeconfigPath, readState } from "../e2e/lab/state.ts";
import { urlHost } from "../e2e/lab/topology.ts";
import { until } from "../e2e/lab/until.ts";
import { type TestLabOptions, withLab } from "../e2e/lab/with-lab.ts";
import { createKubeClient, type KubeClient, loadKubeConfig } from "../operator/framework/api/kube-client.ts";
import type { ClusterAccess } from "../operator/framework/api/kube-config.ts";
import type { KubeObject } from "../operator/framework/api/kube-object.ts";
import { systemClock } from "../operator/framework/system-clock.ts";

/** A lab, with Herald in it where nothing else is said, and a client of the same make as Herald's own. */
export type BenchCluster = { readonly lab: Lab; readonly access: ClusterAccess; readonly api: KubeClient };

/** A Service as benches read it. */
export type BenchService = KubeObject & {
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
};

/**
 * Runs `use` on a lab of its own with Herald ready. kube-proxy is stopped once Herald is ready: thousands of Services would
 * make it, and not Herald, the thing that is measured.
 */
export async function withHerald(use: (cluster: BenchCluster) => Promise<void>): Promise<void> {
  await withWholeHerald({}, async (cluster) => {
    await stopKubeProxies(cluster.lab);
    await use(cluster);
  });
}

/** The same in a lab of this kind, whose kube-proxies stay. */
export async function withWholeHerald(options: TestLabOptions, use: (cluster: BenchCluster) => Promise<void>): Promise<void> {
  await withBareCluster(options, async (cluster) => {
    await install(cluster.lab);
    await waitUntilInstalled(cluster.lab);
    await use(cluster);
  });
}

/** The same without Herald. */
export async function withBareCluster(options: TestLabOptions, use: (cluster: BenchCluster) => Promise<void>): Promise<void> {
  await withLab(options, async (lab) => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfigPath(lab.topology.id), env: {}, clock: systemClock });
    const api = createKubeClient({ access });
    try {
      await use({ lab, access, api });
    } finally {
      api.close();
    }
  });
}

/** What they have programmed stays in the kernel, so the webhook's address goes on working; the API server's own is there first. */
export async function stopKubeProxies(lab: Lab): Promise<void> {
  const [apiService = ""] = lab.topology.apiServiceAddresses;
  const asked = ["curl", "-sk", "-o", "/dev/null", "--max-time", "2", `https://${urlHost(apiService)}/livez`];
  await Promise.all(
    [...lab.nodes, "cp"].map((machine) =>
      until(`kube-proxy serves ${machine}`, 60_000, async () => (await lab.exec(machine, asked)).code === 0),
    ),
  );
  const processes = readState(lab.topology.id)?.processes ?? [];
  await Promise.all(processes.filter(({ name }) => name.startsWith("kube-proxy")).map((record) => stopProcess(record, 5000)));
}
