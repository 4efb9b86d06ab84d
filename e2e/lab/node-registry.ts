import { type ApiClient, ApiRefusal } from "./api-client.ts";
import type { NodeHost } from "./topology.ts";

const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/** Creates the Node object of a node, Ready, as a kubelet does when it starts. */
export async function registerNode(api: ApiClient, node: NodeHost): Promise<void> {
  const labels = {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": process.arch === "x64" ? "amd64" : process.arch,
  };
  await createIfAbsent(api, "/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels },
    spec: { podCIDR: node.podCidrs[0], podCIDRs: node.podCidrs },
  });
  await beat(api, node);
}

/** A kubelet's heartbeat: its Lease, and the Ready condition, which the control plane may have taken away. */
export async function beat(api: ApiClient, node: NodeHost): Promise<void> {
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const spec = { holderIdentity: node.name, leaseDurationSeconds: 40, renewTime };
  try {
    await api.patch(`${leases}/${node.name}`, { spec });
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 404)) throw error;
    await createIfAbsent(api, leases, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: node.name },
      spec,
    });
  }
  const { status } = await api.get<{ status: { conditions?: readonly { type: string; status: string }[] } }>(
    `/api/v1/nodes/${node.name}`,
  );
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") await api.patch(`/api/v1/nodes/${node.name}/status`, { status: readyStatus(node) });
}

function readyStatus(node: NodeHost): object {
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const seen = { lastHeartbeatTime: at, lastTransitionTime: at };
  return {
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "the lab runs this node's pods", ...seen }],
    addresses: [...node.addresses.map((address) => ({ type: "InternalIP", address })), { type: "Hostname", address: node.name }],
    capacity: { cpu: "8", memory: "16Gi", pods: "250" },
    allocatable: { cpu: "8", memory: "16Gi", pods: "250" },
    nodeInfo: {
      ...{ machineID: "", systemUUID: "", bootID: "", kernelVersion: "", osImage: "lab", containerRuntimeVersion: "lab://1" },
      ...{ kubeletVersion: "v1.36.3", kubeProxyVersion: "v1.36.3", operatingSystem: "linux", architecture: "amd64" },
    },
  };
}

async function createIfAbsent(api: ApiClient, path: string, object: object): Promise<void> {
  try {
    await api.create(path, object);
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 409)) throw error;
  }
}
