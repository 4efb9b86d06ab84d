import { readFile } from "node:fs/promises";
import { type Address, parseAddress } from "../../crds/net/address.ts";

/** RTF_GATEWAY of `linux/route.h`. */
const viaGateway = 0x2;

/** The routers of this network namespace's default routes, by the kernel's tables under /proc/net. Never throws. */
export async function readGateways(): Promise<readonly Address[]> {
  const read = (name: string): Promise<string> => readFile(`/proc/net/${name}`, "utf8").catch(() => "");
  return [...ipv4Gateways(await read("route")), ...ipv6Gateways(await read("ipv6_route"))];
}

/** @param table text of /proc/net/route: destination, gateway and mask in hexadecimal, in the machine's octet order. */
export function ipv4Gateways(table: string): readonly Address[] {
  return rowsOf(table.split("\n").slice(1)).flatMap(([, destination, gateway, flags, , , , mask]) => {
    const isDefault = Number.parseInt(destination ?? "1", 16) === 0 && Number.parseInt(mask ?? "1", 16) === 0;
    if (!isDefault || (Number.parseInt(flags ?? "0", 16) & viaGateway) === 0 || gateway?.length !== 8) return [];
    const octets = [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16));
    return parseAddress(octets.join(".")) ?? [];
  });
}

/** @param table text of /proc/net/ipv6_route: addresses of 32 hexadecimal digits, in network order. */
export function ipv6Gateways(table: string): readonly Address[] {
  return rowsOf(table.split("\n")).flatMap(([destination, length, , , gateway, , , , flags]) => {
    const isDefault = /^0+$/.test(destination ?? "") && length === "00";
    if (!isDefault || (Number.parseInt(flags ?? "0", 16) & viaGateway) === 0 || gateway?.length !== 32) return [];
    return parseAddress(gateway.replace(/(.{4})(?!$)/g, "$1:")) ?? [];
  });
}

function rowsOf(lines: readonly string[]): readonly string[][] {
  return lines.map((line) => line.trim().split(/\s+/)).filter((row) => row.length > 1);
}
