/** Which address families the segment, the pods and the Services have. */
export type Family = "dual" | "ipv4" | "ipv6";

/** One machine on the segment: a network namespace with `eth0`. */
export type Host = {
  readonly name: string;
  /** Network namespace. */
  readonly namespace: string;
  /** Without prefix length, IPv4 first. */
  readonly addresses: readonly string[];
};

export type NodeHost = Host & { readonly podCidrs: readonly string[] };

export type Topology = {
  readonly id: string;
  readonly family: Family;
  /** Namespace of the bridge that is the segment. */
  readonly segment: string;
  readonly controlPlane: Host;
  readonly router: Host;
  readonly client: Host;
  readonly nodes: readonly NodeHost[];
  readonly serviceCidrs: readonly string[];
  readonly clusterCidrs: readonly string[];
  /** ClusterIPs of Service `kubernetes`, IPv4 first. */
  readonly apiServiceAddresses: readonly string[];
};

export type TopologyOptions = { readonly id: string; readonly nodes: number; readonly family: Family };

/** Host parts of the addresses on the segment: 172.30.0.x and fd30::x, the same digits in both. */
const hostPart = { router: 1, controlPlane: 10, firstNode: 11, client: 100 } as const;

/** Network namespaces of one lab begin with this, and those of no other lab do. */
export function namespacePrefix(id: string): string {
  return `hl-${id}-`;
}

/**
 * The address plan. Labs may run side by side: addresses live in namespaces, so they may be equal in all of them.
 * @throws {RangeError} when `id` is not 1–10 lower-case letters or digits, or `nodes` not 1–80.
 */
export function planTopology({ id, nodes, family }: TopologyOptions): Topology {
  if (!/^[a-z0-9]{1,10}$/.test(id)) throw new RangeError(`lab id "${id}" is not 1 to 10 lower-case letters or digits`);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 80) throw new RangeError(`${nodes} nodes: the lab has 1 to 80`);
  const host = (name: string, part: number): Host => ({
    name,
    namespace: `${namespacePrefix(id)}${name}`,
    addresses: ofFamily(family, `172.30.0.${part}`, `fd30::${part}`),
  });
  return {
    id,
    family,
    segment: `${namespacePrefix(id)}sw`,
    controlPlane: host("cp", hostPart.controlPlane),
    router: host("r", hostPart.router),
    client: host("c", hostPart.client),
    nodes: Array.from({ length: nodes }, (_, index) => ({
      ...host(`n${index + 1}`, hostPart.firstNode + index),
      podCidrs: ofFamily(family, `10.244.${index + 1}.0/24`, `fd00:10:244:${index + 1}::/64`),
    })),
    serviceCidrs: ofFamily(family, "10.96.0.0/16", "fd00:10:96::/112"),
    clusterCidrs: ofFamily(family, "10.244.0.0/16", "fd00:10:244::/48"),
    apiServiceAddresses: ofFamily(family, "10.96.0.1", "fd00:10:96::1"),
  };
}

/** Every machine on the segment. */
export function hostsOf(topology: Topology): readonly Host[] {
  return [topology.controlPlane, topology.router, topology.client, ...topology.nodes];
}

/** The `index`-th pod address of a pod CIDR of this plan; 1 is the node's own end. */
export function podAddress(cidr: string, index: number): string {
  const network = cidr.slice(0, cidr.indexOf("/"));
  return isIPv6(cidr) ? `${network}${index.toString(16)}` : `${network.slice(0, network.lastIndexOf("."))}.${index}`;
}

/** True for IPv6 text, address or CIDR. */
export function isIPv6(text: string): boolean {
  return text.includes(":");
}

/** `[fd30::1]` or `172.30.0.1`, as a URL wants it. */
export function urlHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

function ofFamily(family: Family, ipv4: string, ipv6: string): readonly string[] {
  switch (family) {
    case "dual":
      return [ipv4, ipv6];
    case "ipv4":
      return [ipv4];
    case "ipv6":
      return [ipv6];
  }
}
