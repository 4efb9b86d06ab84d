import { readdirSync } from "node:fs";
import { must, run } from "./command.ts";
import { type Host, hostsOf, isIPv6, type NodeHost, namespacePrefix, type Topology } from "./topology.ts";

/**
 * Makes the segment (a bridge that snoops multicast, with a querier) and every machine on it. Duplicate address detection
 * stays on and the reverse path filter is systemd's (2, loose): what distributions ship.
 */
export async function createNetwork(topology: Topology): Promise<void> {
  const hosts = hostsOf(topology);
  const namespaces = [topology.segment, ...hosts.map((host) => host.namespace)];
  await batch(
    undefined,
    namespaces.map((namespace) => `netns add ${namespace}`),
  );
  await Promise.all(namespaces.map((namespace) => systemDefaults(namespace)));
  await batch(topology.segment, [
    "link set lo up",
    "link add br0 type bridge mcast_snooping 1 mcast_querier 1",
    "link set br0 up",
    ...hosts.map((host) => `link add ${host.name} type veth peer name eth0 netns ${host.namespace}`),
    ...hosts.map((host) => `link set ${host.name} master br0 up`),
  ]);
  await Promise.all(hosts.map((host) => batch(host.namespace, plug(host))));
  await Promise.all(topology.nodes.map((node) => forward(node.namespace)));
  await forward(topology.router.namespace);
  await Promise.all(hosts.map((host) => batch(host.namespace, routesOf(topology, host))));
}

/** Takes a node off the segment, as a pulled cable does, or puts it back. */
export async function setCable(topology: Topology, node: NodeHost, plugged: boolean): Promise<void> {
  await batch(topology.segment, [`link set ${node.name} ${plugged ? "up" : "down"}`]);
}

/** Kills what runs in the lab's namespaces and removes them; finds them by name, so it also clears a crashed lab. */
export async function removeNetwork(id: string): Promise<void> {
  const namespaces = namespacesOf(id);
  for (let round = 0; round < 10; round++) {
    const pids = (await Promise.all(namespaces.map(pidsIn))).flat();
    if (pids.length === 0) break;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone between the listing and now
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await Promise.all(namespaces.map((namespace) => run("ip", ["netns", "del", namespace])));
}

/** Names of the network namespaces a lab has. */
export function namespacesOf(id: string): readonly string[] {
  try {
    return readdirSync("/run/netns").filter((name) => name.startsWith(namespacePrefix(id)));
  } catch {
    return []; // no namespace was ever made on this machine
  }
}

/** Runs `ip -batch` in a namespace. */
export async function batch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  await must("ip", [...where, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Writes sysctl values, `net.` left off, in a namespace. */
export async function sysctl(namespace: string, values: Readonly<Record<string, string>>): Promise<void> {
  const settings = Object.entries(values).map(([key, value]) => `net.${key}=${value}`);
  await must("ip", ["netns", "exec", namespace, "sysctl", "-qw", ...settings]);
}

async function systemDefaults(namespace: string): Promise<void> {
  await sysctl(namespace, { "ipv4.conf.default.rp_filter": "2" });
}

async function forward(namespace: string): Promise<void> {
  await sysctl(namespace, { "ipv4.ip_forward": "1", "ipv6.conf.all.forwarding": "1", "ipv6.conf.default.forwarding": "1" });
}

function plug(host: Host): readonly string[] {
  return [
    "link set lo up",
    "link set eth0 up",
    ...host.addresses.map((address) => `address add ${address}/${isIPv6(address) ? 64 : 24} dev eth0`),
  ];
}

/** Everybody's default route is the router; nodes and control plane reach each node's pods through that node. */
function routesOf(topology: Topology, host: Host): readonly string[] {
  const gateways = host === topology.router ? [] : topology.router.addresses;
  const peers = host === topology.router || host === topology.client ? [] : topology.nodes.filter((node) => node !== host);
  return [
    ...gateways.map((gateway) => `route add default via ${gateway}`),
    ...peers.flatMap((peer) => peer.podCidrs.map((cidr, index) => `route add ${cidr} via ${peer.addresses[index] ?? ""}`)),
  ];
}

async function pidsIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await run("ip", ["netns", "pids", namespace]);
  return stdout.split("\n").filter(Boolean).map(Number);
}
