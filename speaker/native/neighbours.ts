import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { type Address, compareAddresses, parseAddress } from "../../crds/net/address.ts";
import { isInSubnet, parsePrefix } from "../../crds/net/prefix.ts";
import { interfaceIndex } from "./libc.ts";

/** ATF_COM of `linux/if_arp.h`: the entry has a hardware address. */
const complete = 0x2;

/** An address of this host. */
export type OwnAddress = {
  readonly address: Address;
  readonly prefixLength: number;
  readonly interfaceName: string;
  /** Six octets. */
  readonly mac: Uint8Array;
};

/** All addresses of interfaces that are up, without loopback. */
export function ownAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, infos = []]) =>
    infos.flatMap(({ address: text, cidr, mac, internal }) => {
      const address = parseAddress(text);
      const prefix = parsePrefix(cidr ?? "");
      if (internal || address === undefined || prefix === undefined) return [];
      return { address, prefixLength: prefix.length, interfaceName, mac: macOf(mac) };
    }),
  );
}

/** Whether one of the addresses has `remote` in its subnet. */
export function isOnLink(remote: Address, own: readonly OwnAddress[]): boolean {
  return own.some(({ address, prefixLength }) => isInSubnet(remote, address, prefixLength));
}

/** Where frames for a neighbour on IPv4 go out, and to whom. */
export type NeighbourPath = { readonly interfaceIndex: number; readonly ownMac: Uint8Array; readonly mac: Uint8Array };

/** @returns undefined while the kernel does not know the neighbour's hardware address. Never throws. */
export async function neighbourPath(local: Address, remote: Address): Promise<NeighbourPath | undefined> {
  const own = ownAddresses().find(({ address }) => compareAddresses(address, local) === 0);
  if (own === undefined) return undefined;
  const table = await readFile("/proc/thread-self/net/arp", "utf8").catch(() => "");
  const mac = arpEntries(table).find((entry) => entry.device === own.interfaceName && isSame(entry.address, remote))?.mac;
  const index = interfaceIndex(own.interfaceName);
  return mac === undefined || index === 0 ? undefined : { interfaceIndex: index, ownMac: own.mac, mac };
}

/** @param table text of /proc/net/arp: address, hardware type, flags, hardware address, mask and device. */
export function arpEntries(
  table: string,
): readonly { readonly address: Address; readonly mac: Uint8Array; readonly device: string }[] {
  return table.split("\n").flatMap((line) => {
    const [text = "", , flags = "0", mac = "", , device = ""] = line.trim().split(/\s+/);
    const address = parseAddress(text);
    if (address === undefined || (Number(flags) & complete) === 0 || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) return [];
    return { address, mac: macOf(mac), device };
  });
}

function isSame(a: Address, b: Address): boolean {
  return compareAddresses(a, b) === 0;
}

function macOf(text: string): Uint8Array {
  return Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16));
}
