import type { SessionConfig } from "./session-config.ts";
import type { Ends } from "./session-event.ts";

/**
 * The BGP Identifier to say on a connection: four octets as a number, never 0. RFC 6286. It is, whichever there is first,
 * the configured one, the local IPv4 address, the first IPv4 address of the interface that has the local IPv6 address, or
 * a number made of the node's name, which is the one that MetalLB makes.
 */
export function routerIdOf({ routerID, nodeName }: Pick<SessionConfig, "routerID" | "nodeName">, ends: Ends): number {
  if (routerID !== undefined) return routerID;
  for (const address of [ends.local, ends.interfaceIPv4]) {
    if (address?.family === "IPv4" && address.bits !== 0n) return Number(address.bits);
  }
  return routerIdOfName(nodeName);
}

/** CRC-32 of the name, its least significant octet first; 1 in place of 0. */
export function routerIdOfName(nodeName: string): number {
  const crc = crc32(octetsOf(nodeName));
  const octets = [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24];
  return octets.reduce((value, octet) => value * 0x100 + octet, 0) || 1;
}

/** Names of nodes are ASCII; of anything else each code unit's low octet counts. */
function octetsOf(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index) & 0xff);
}

/** The IEEE 802.3 polynomial, reflected. */
function crc32(octets: readonly number[]): number {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
