import { Reader, Writer } from "./cursor.ts";
import { isIpv6Multicast, isSolicitedNode, isUnspecified } from "./ip-octets.ts";
import { decodeIpv6, encodeIpv6, type Ipv6Packet, pseudoHeaderChecksum } from "./ipv6.ts";
import { macLength } from "./mac.ts";

/** Next-header number of ICMPv6. RFC 4443 §1. */
export const icmpv6 = 58;

/** ICMPv6 type numbers. RFC 4861 §4.3, §4.4. */
export const ndpType = { solicitation: 135, advertisement: 136 } as const;

/** Neighbor Solicitation. RFC 4861 §4.3. */
export type NeighborSolicitation = {
  readonly type: "solicitation";
  readonly target: Uint8Array;
  /** Source Link-Layer Address option, 6 octets. */
  readonly sourceLinkLayer?: Uint8Array;
};

/** Neighbor Advertisement. RFC 4861 §4.4. */
export type NeighborAdvertisement = {
  readonly type: "advertisement";
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: Uint8Array;
  /** Target Link-Layer Address option, 6 octets. */
  readonly targetLinkLayer?: Uint8Array;
};

export type NdpMessage = NeighborSolicitation | NeighborAdvertisement;

/** A message with the IPv6 addresses it travels between. */
export type NdpPacket = { readonly source: Uint8Array; readonly destination: Uint8Array; readonly message: NdpMessage };

/** RFC 4861 §4.6.1. */
const option = { sourceLinkLayer: 1, targetLinkLayer: 2 } as const;

const protocol = "NDP";

/**
 * Reads a Neighbor Solicitation or Advertisement and makes every check of RFC 4861 §7.1.1 and §7.1.2.
 * @param payload of an Ethernet frame: the IPv6 packet, padding tolerated.
 * @throws {CodecError} when it is another message, malformed, or one that the RFC tells a node to discard.
 */
export function decodeNdp(payload: Uint8Array): NdpPacket {
  const packet = decodeIpv6(payload);
  const { source, destination } = packet;
  const r = new Reader(packet.payload, protocol);
  if (packet.nextHeader !== icmpv6) throw r.error("next header", `is ${packet.nextHeader}, not ICMPv6`);
  if (packet.hopLimit !== 255) throw r.error("hop limit", `is ${packet.hopLimit}: the packet was forwarded`);
  const type = r.u8("type");
  if (type !== ndpType.solicitation && type !== ndpType.advertisement) throw r.error("type", `is ${type}`, 1);
  const code = r.u8("code");
  if (code !== 0) throw r.error("code", `is ${code}, not 0`, 1);
  r.skip(2, "checksum");
  if (pseudoHeaderChecksum(source, destination, icmpv6, packet.payload) !== 0) throw r.error("checksum", "is wrong", 2);
  const message = type === ndpType.solicitation ? readSolicitation(r, packet) : readAdvertisement(r, packet);
  return { source, destination, message };
}

/** Inverse of {@link decodeNdp}: an IPv6 packet with hop limit 255 and the right checksum. */
export function encodeNdp({ source, destination, message }: NdpPacket): Uint8Array {
  const linkLayer = message.type === "solicitation" ? message.sourceLinkLayer : message.targetLinkLayer;
  const w = new Writer(32).u8(ndpType[message.type]).u8(0).u16(0).u32(flagsOf(message)).bytes(message.target);
  if (linkLayer !== undefined) {
    w.u8(message.type === "solicitation" ? option.sourceLinkLayer : option.targetLinkLayer)
      .u8(1)
      .bytes(linkLayer);
  }
  const payload = w.finish();
  const checksum = pseudoHeaderChecksum(source, destination, icmpv6, payload);
  payload[2] = checksum >>> 8;
  payload[3] = checksum & 0xff;
  return encodeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: icmpv6, hopLimit: 255, source, destination, payload });
}

function readSolicitation(r: Reader, { source, destination }: Ipv6Packet): NeighborSolicitation {
  r.skip(4, "reserved");
  const target = readTarget(r);
  const sourceLinkLayer = readOptions(r, option.sourceLinkLayer);
  if (isUnspecified(source)) {
    if (!isSolicitedNode(destination)) throw r.error("destination", "of a probe from :: is no solicited-node group");
    if (sourceLinkLayer !== undefined) throw r.error("source link-layer address", "in a probe from ::");
  }
  return { type: "solicitation", target, ...(sourceLinkLayer && { sourceLinkLayer }) };
}

function readAdvertisement(r: Reader, { destination }: Ipv6Packet): NeighborAdvertisement {
  const flags = r.u8("flags");
  r.skip(3, "reserved");
  const target = readTarget(r);
  const solicited = (flags & 0x40) !== 0;
  if (solicited && isIpv6Multicast(destination)) throw r.error("flags", "Solicited is set in a multicast", 20);
  const targetLinkLayer = readOptions(r, option.targetLinkLayer);
  const router = (flags & 0x80) !== 0;
  const override = (flags & 0x20) !== 0;
  return { type: "advertisement", router, solicited, override, target, ...(targetLinkLayer && { targetLinkLayer }) };
}

function readTarget(r: Reader): Uint8Array {
  const target = r.bytes(16, "target");
  if (isIpv6Multicast(target)) throw r.error("target", "is a multicast address", 16);
  return target;
}

/** Walks all options. @returns the first link-layer address of the wanted type; other types are skipped (RFC 4861 §4.6). */
function readOptions(r: Reader, wanted: number): Uint8Array | undefined {
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

function flagsOf(message: NdpMessage): number {
  if (message.type === "solicitation") return 0;
  return (message.router ? 0x8000_0000 : 0) + (message.solicited ? 0x4000_0000 : 0) + (message.override ? 0x2000_0000 : 0);
}
