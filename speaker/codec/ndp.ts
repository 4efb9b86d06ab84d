import { type Reader, Writer } from "./cursor.ts";
import { ndpOption, openIcmpv6, readLinkLayerOption, sealIcmpv6 } from "./icmpv6.ts";
import { isIpv6Multicast, isSolicitedNode, isUnspecified } from "./ip-octets.ts";
import type { Ipv6Packet } from "./ipv6.ts";

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

/**
 * Reads a Neighbor Solicitation or Advertisement and makes every check of RFC 4861 §7.1.1 and §7.1.2.
 * @param payload of an Ethernet frame: the IPv6 packet, padding tolerated.
 * @throws {CodecError} when it is another message, malformed, or one that the RFC tells a node to discard.
 */
export function decodeNdp(payload: Uint8Array): NdpPacket {
  const { packet, type, reader } = openIcmpv6(payload, [ndpType.solicitation, ndpType.advertisement], "NDP");
  const { source, destination } = packet;
  const message = type === ndpType.solicitation ? readSolicitation(reader, packet) : readAdvertisement(reader, packet);
  return { source, destination, message };
}

/** Inverse of {@link decodeNdp}: an IPv6 packet with hop limit 255 and the right checksum. */
export function encodeNdp({ source, destination, message }: NdpPacket): Uint8Array {
  const linkLayer = message.type === "solicitation" ? message.sourceLinkLayer : message.targetLinkLayer;
  const w = new Writer(32).u8(ndpType[message.type]).u8(0).u16(0).u32(flagsOf(message)).bytes(message.target);
  if (linkLayer !== undefined) {
    w.u8(message.type === "solicitation" ? ndpOption.sourceLinkLayer : ndpOption.targetLinkLayer)
      .u8(1)
      .bytes(linkLayer);
  }
  return sealIcmpv6(source, destination, w.finish());
}

function readSolicitation(r: Reader, { source, destination }: Ipv6Packet): NeighborSolicitation {
  r.skip(4, "reserved");
  const target = readTarget(r);
  const sourceLinkLayer = readLinkLayerOption(r, ndpOption.sourceLinkLayer);
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
  const targetLinkLayer = readLinkLayerOption(r, ndpOption.targetLinkLayer);
  const router = (flags & 0x80) !== 0;
  const override = (flags & 0x20) !== 0;
  return { type: "advertisement", router, solicited, override, target, ...(targetLinkLayer && { targetLinkLayer }) };
}

function readTarget(r: Reader): Uint8Array {
  const target = r.bytes(16, "target");
  if (isIpv6Multicast(target)) throw r.error("target", "is a multicast address", 16);
  return target;
}

function flagsOf(message: NdpMessage): number {
  if (message.type === "solicitation") return 0;
  return (message.router ? 0x8000_0000 : 0) + (message.solicited ? 0x4000_0000 : 0) + (message.override ? 0x2000_0000 : 0);
}
