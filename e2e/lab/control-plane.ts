import { join } from "node:path";
import { must } from "./command.ts";
import { type ProcessRecord, startDaemon } from "./process.ts";
import { logDir, stateDir } from "./state.ts";
import type { Host, Topology } from "./topology.ts";

/** Paths of the programs a control plane is made of. */
export type KubeBinaries = {
  readonly KUBE_APISERVER: string;
  readonly KUBE_CONTROLLER_MANAGER: string;
  readonly KUBE_PROXY: string;
  readonly KUBECTL: string;
  readonly ETCD: string;
};

export type ClusterTimings = {
  /** How long the control plane waits for a silent node before it calls it NotReady; Kubernetes' default is 50 s. */
  readonly nodeMonitorGraceSeconds: number;
};

const etcdClients = "http://127.0.0.1:2379";
const etcdPeers = "http://127.0.0.1:2380";

/** Only these: what the tests rely on, and nothing that idles the machine away. */
const controllers = [
  ..."serviceaccount serviceaccount-token root-ca-certificate-publisher namespace garbage-collector endpointslice".split(" "),
  ..."deployment replicaset daemonset disruption node-lifecycle taint-eviction pod-garbage-collector".split(" "),
].map((name) => `${name}-controller`);

/** Finds the binaries, or builds them: minutes, once. @throws {Error} whose message names what is missing. */
export async function findBinaries(projectDir: string): Promise<KubeBinaries> {
  const answer = await must("bash", [join(projectDir, "scripts/kube-binaries.sh")]);
  const lines = answer.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => line.split("=", 2))) as KubeBinaries;
}

export function startEtcd(topology: Topology, binaries: KubeBinaries): ProcessRecord {
  return daemon(topology, topology.controlPlane, "etcd", [
    binaries.ETCD,
    ...["--data-dir", join(stateDir(topology.id), "etcd"), "--unsafe-no-fsync", "--log-level=warn"],
    ...["--listen-client-urls", etcdClients, "--advertise-client-urls", etcdClients],
    ...["--listen-peer-urls", etcdPeers, "--initial-advertise-peer-urls", etcdPeers],
    ...["--initial-cluster", `default=${etcdPeers}`, "--quota-backend-bytes=4294967296"],
  ]);
}

/** Admission and authorization are kubeadm's: RBAC, the default plugins, ServiceAccounts, Pod Security. */
export function startApiServer(topology: Topology, binaries: KubeBinaries): ProcessRecord {
  const pki = join(stateDir(topology.id), "pki");
  return daemon(topology, topology.controlPlane, "kube-apiserver", [
    binaries.KUBE_APISERVER,
    `--etcd-servers=${etcdClients}`,
    `--bind-address=${topology.family === "ipv4" ? "0.0.0.0" : "::"}`,
    `--advertise-address=${topology.controlPlane.addresses[0] ?? ""}`,
    "--secure-port=6443",
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--client-ca-file=${pki}/ca.crt`,
    `--service-account-key-file=${pki}/sa.key`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-cluster-ip-range=${topology.serviceCidrs.join(",")}`,
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    "--max-requests-inflight=3000",
    "--max-mutating-requests-inflight=1000",
    "--profiling=false",
  ]);
}

export function startControllerManager(topology: Topology, binaries: KubeBinaries, timings: ClusterTimings): ProcessRecord {
  const pki = join(stateDir(topology.id), "pki");
  return daemon(topology, topology.controlPlane, "kube-controller-manager", [
    binaries.KUBE_CONTROLLER_MANAGER,
    `--kubeconfig=${segmentKubeconfig(topology.id)}`,
    "--use-service-account-credentials=false",
    `--controllers=${controllers.join(",")}`,
    `--service-account-private-key-file=${pki}/sa.key`,
    `--root-ca-file=${pki}/ca.crt`,
    "--leader-elect=false",
    "--kube-api-qps=2000",
    "--kube-api-burst=4000",
    "--concurrent-service-endpoint-syncs=10",
    `--node-monitor-grace-period=${timings.nodeMonitorGraceSeconds}s`,
    `--node-monitor-period=${Math.min(5, timings.nodeMonitorGraceSeconds / 4)}s`,
    "--bind-address=127.0.0.1",
    "--profiling=false",
  ]);
}

/** One on every node, and one on the control plane so that the API server reaches webhooks by their ClusterIP. */
export function startKubeProxy(topology: Topology, binaries: KubeBinaries, host: Host): ProcessRecord {
  // The control plane is no Node, and kube-proxy waits 30 s for its own: it goes by the first node's name.
  const nodeName = host === topology.controlPlane ? topology.nodes[0]?.name : host.name;
  return daemon(topology, host, "kube-proxy", [
    binaries.KUBE_PROXY,
    `--kubeconfig=${segmentKubeconfig(topology.id)}`,
    `--hostname-override=${nodeName}`,
    "--proxy-mode=nftables",
    `--cluster-cidr=${topology.clusterCidrs.join(",")}`,
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0",
    "--conntrack-tcp-timeout-close-wait=0",
  ]);
}

/** The kubeconfig of processes on the segment; people use the one that leads through the host's loopback. */
export function segmentKubeconfig(id: string): string {
  return join(stateDir(id), "pki", "segment.kubeconfig");
}

function daemon(topology: Topology, host: Host, name: string, command: readonly string[]): ProcessRecord {
  const title = host === topology.controlPlane ? name : `${name}-${host.name}`;
  const logFile = join(logDir(topology.id), `${title}.log`);
  return startDaemon({ name: title, namespace: host.namespace, command, logFile });
}
