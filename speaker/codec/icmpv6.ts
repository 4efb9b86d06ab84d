import { Reader } from "./cursor.ts";
import { decodeIpv6, encodeIpv6, type Ipv6Packet, pseudoHeaderChecksum } from "./ipv6.ts";
import { macLength } from "./mac.ts";

/** Next-header number of ICMPv6. RFC 4443 §1. */
export const icmpv6 = 58;

/** Types of RFC 4861 §4.6.1. */
export const ndpOption = { sourceLinkLayer: 1, targetLinkLayer: 2 } as const;

/** One message of neighbour discovery, read up to its checksum. */
export type OpenedIcmpv6 = { readonly packet: Ipv6Packet; readonly type: number; readonly reader: Reader };

/**
 * Makes the checks that RFC 4861 §6.1 and §7.1 have in common: hop limit, checksum, code.
 * @param payload of an Ethernet frame: the IPv6 packet, padding tolerated.
 * @param types that are wanted. @param protocol names the message in errors.
 * @throws {CodecError} when it is another message, malformed, or one that the RFC tells a node to discard.
 */
export function openIcmpv6(payload: Uint8Array, types: readonly number[], protocol: string): OpenedIcmpv6 {
  const packet = decodeIpv6(payload);
  const { source, destination } = packet;
  const r = new Reader(packet.payload, protocol);
  if (packet.nextHeader !== icmpv6) throw r.error("next header", `is ${packet.nextHeader}, not ICMPv6`);
  if (packet.hopLimit !== 255) throw r.error("hop limit", `is ${packet.hopLimit}: the packet was forwarded`);
  const type = r.u8("type");
  if (!types.includes(type)) throw r.error("type", `is ${type}`, 1);
  const code = r.u8("code");
  if (code !== 0) throw r.error("code", `is ${code}, not 0`, 1);
  r.skip(2, "checksum");
  if (pseudoHeaderChecksum(source, destination, icmpv6, packet.payload) !== 0) throw r.error("checksum", "is wrong", 2);
  return { packet, type, reader: r };
}

/**
 * An IPv6 packet with hop limit 255 and the right checksum.
 * @param message an ICMPv6 message with zeros for its checksum, which are overwritten.
 */
export function sealIcmpv6(source: Uint8Array, destination: Uint8Array, message: Uint8Array): Uint8Array {
  const checksum = pseudoHeaderChecksum(source, destination, icmpv6, message);
  message[2] = checksum >>> 8;
  message[3] = checksum & 0xff;
  return encodeIpv6({
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: icmpv6,
    hopLimit: 255,
    source,
    destination,
    payload: message,
  });
}

/** Walks all options. @returns the first link-layer address of the wanted type; other types are skipped (RFC 4861 §4.6). */
export function readLinkLayerOption(r: Reader, wanted: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  while (r.remaining > 0) {
    const type = r.u8("option type");
    const length = r.u8("option length") * 8;
    if (length === 0) throw r.error("option length", "is zero", 1);
    const body = r.bytes(length - 2, "option");
    if (type === wanted) found ??= body.subarray(0, macLength);
  }
  return found;
}
