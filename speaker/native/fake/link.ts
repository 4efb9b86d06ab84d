import { execFileSync } from "node:child_process";
import type { Link, LinkAddress } from "../ports.ts";

/** An Ethernet link that is up. */
export function ethernetLink(index: number, name: string, mac: Uint8Array, addresses: readonly LinkAddress[] = []): Link {
  return { index, name, mac, mtu: 1500, up: true, carrier: true, broadcast: true, noArp: false, loopback: false, addresses };
}

/**
 * The named Ethernet interface of this process's network namespace, as one that is up. Asks `ip`, since /sys shows the
 * interfaces of the namespace in which it was mounted. @throws {Error} when there is none.
 */
export function ownLink(name: string): Link {
  const [own] = JSON.parse(execFileSync("ip", ["-j", "address", "show", "dev", name], { encoding: "utf8" }));
  const mac = Uint8Array.from(own.address.split(":").map((octet: string) => Number.parseInt(octet, 16)));
  return ethernetLink(own.ifindex, name, mac, own.addr_info.map(linkAddress));
}

type AddressOfIp = { readonly family: string; readonly local: string; readonly prefixlen: number; readonly tentative?: boolean };

function linkAddress({ family, local, prefixlen, tentative = false }: AddressOfIp): LinkAddress {
  return { address: local, prefixLength: prefixlen, family: family === "inet" ? "IPv4" : "IPv6", tentative };
}
