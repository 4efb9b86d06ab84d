import { isIPv4, isIPv6 } from "node:net";

/**
 * Chooses addresses for a pool in the network of a kind cluster, from what `docker network inspect kind` says. Its list of
 * subnets has no order that one could rely on.
 */
type Network = { readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null } };

/** The last full block of 51 addresses of a subnet, far from where docker begins to hand out. */
export function rangeOfSubnet(subnet: string): string | undefined {
  const [address = "", lengthText = ""] = subnet.split("/");
  const length = Number(lengthText);
  if (isIPv4(address) && length <= 24) return rangeOfIPv4(address, length);
  if (isIPv6(address) && length <= 64 && address.endsWith("::")) {
    const prefix = address.slice(0, -"::".length);
    return `${prefix}::ffff:200-${prefix}::ffff:250`;
  }
  return undefined;
}

/** The ranges of a pool, one of each family that the networks have. */
export function rangesOfNetworks(networks: readonly Network[]): readonly string[] {
  const subnets = networks.flatMap((network) => network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  const ranges = subnets.flatMap((subnet) => rangeOfSubnet(subnet) ?? []);
  const first = (isFamily: (address: string) => boolean) => ranges.find((range) => isFamily(range.split("-")[0] ?? ""));
  return [first(isIPv4), first(isIPv6)].filter((range) => range !== undefined);
}

function rangeOfIPv4(address: string, length: number): string {
  const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - length);
  const lastBlock = Math.floor(bits / size) * size + size - 256;
  const prefix = [lastBlock / 2 ** 24, lastBlock / 2 ** 16, lastBlock / 2 ** 8].map((part) => Math.floor(part) % 256).join(".");
  return `${prefix}.200-${prefix}.250`;
}
