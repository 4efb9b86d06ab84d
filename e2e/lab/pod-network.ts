import { must, run } from "./command.ts";
import { batch } from "./network.ts";
import { isIPv6, type NodeHost, namespacePrefix, podAddress } from "./topology.ts";

/** A pod's network: its namespace and addresses. `pair`: the node's end of its link; a pod on the host network has none. */
export type PodNetwork = {
  readonly namespace: string;
  readonly addresses: readonly string[];
  readonly pair?: { readonly namespace: string; readonly link: string };
};

/** Gives out one index in a node's pod CIDRs to each pod, the lowest free one first. */
export class AddressIndexes {
  readonly #used = new Set<number>();

  take(): number {
    let index = 2; // 1 is the node's own end
    while (this.#used.has(index)) index++;
    this.#used.add(index);
    return index;
  }

  give(index: number): void {
    this.#used.delete(index);
  }
}

/**
 * Makes a pod's network namespace, joined to its node by a routed pair of interfaces: no bridge, so that a pod reaches
 * itself through a Service.
 * @param label distinguishes the pod within its lab, at most 8 characters.
 * @throws {Error} when that fails; nothing is left behind.
 */
export async function createPodNetwork(labId: string, node: NodeHost, label: string, index: number): Promise<PodNetwork> {
  const namespace = `${namespacePrefix(labId)}p-${label}`;
  const outside = `veth${label}`;
  const addresses = node.podCidrs.map((cidr) => podAddress(cidr, index));
  const gateways = node.podCidrs.map((cidr) => podAddress(cidr, 1));
  const network: PodNetwork = { namespace, addresses, pair: { namespace: node.namespace, link: outside } };
  try {
    await must("ip", ["netns", "add", namespace]);
    await batch(node.namespace, [
      `link add ${outside} type veth peer name eth0 netns ${namespace}`,
      ...gateways.map((gateway) => `address add ${withoutDetection(gateway)} dev ${outside}`),
      `link set ${outside} up`,
      ...addresses.map((address) => `route add ${alone(address)} dev ${outside}`),
    ]);
    await batch(namespace, [
      "link set lo up",
      "link set eth0 up",
      ...addresses.map((address) => `address add ${withoutDetection(address)} dev eth0`),
      ...gateways.map((gateway) => `route add ${alone(gateway)} dev eth0`),
      ...gateways.map((gateway) => `route add default via ${gateway} dev eth0`),
    ]);
    return network;
  } catch (error) {
    await removePodNetwork(network);
    throw error;
  }
}

/** The link goes first: its routes must not outlive it for as long as a process still sees the namespace. */
export async function removePodNetwork({ namespace, pair }: PodNetwork): Promise<void> {
  if (pair === undefined) return;
  await run("ip", ["-n", pair.namespace, "link", "del", pair.link]);
  await run("ip", ["netns", "del", namespace]);
}

function alone(address: string): string {
  return `${address}/${isIPv6(address) ? 128 : 32}`;
}

/** Network plug-ins leave duplicate address detection out on the pod's own pair. */
function withoutDetection(address: string): string {
  return isIPv6(address) ? `${alone(address)} nodad` : alone(address);
}
