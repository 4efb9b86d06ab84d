import { type Reader, Writer } from "./cursor.ts";
import { ndpOption, openIcmpv6, readLinkLayerOption, sealIcmpv6 } from "./icmpv6.ts";
import { isLinkLocal, isUnspecified } from "./ip-octets.ts";

/** ICMPv6 type numbers. RFC 4861 §4.1, §4.2. */
export const routerDiscoveryType = { solicitation: 133, advertisement: 134 } as const;

/** Router Solicitation. RFC 4861 §4.1. */
export type RouterSolicitation = {
  readonly type: "solicitation";
  /** Source Link-Layer Address option, 6 octets. */
  readonly sourceLinkLayer?: Uint8Array;
};

/** Router Advertisement. RFC 4861 §4.2. */
export type RouterAdvertisement = {
  readonly type: "advertisement";
  /** Hop limit that hosts are to use; 0: not said. */
  readonly curHopLimit: number;
  /** Flag M: addresses come by DHCPv6. */
  readonly managed: boolean;
  /** Flag O: other configuration comes by DHCPv6. */
  readonly otherConfiguration: boolean;
  /** 0: no default router. */
  readonly lifetimeSeconds: number;
  readonly reachableTimeMs: number;
  readonly retransTimerMs: number;
  /** Source Link-Layer Address option, 6 octets. */
  readonly sourceLinkLayer?: Uint8Array;
};

export type RouterDiscovery = RouterSolicitation | RouterAdvertisement;

/** A message with the IPv6 addresses it travels between. */
export type RouterDiscoveryPacket = {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly message: RouterDiscovery;
};

/**
 * Reads a Router Solicitation or Advertisement and makes every check of RFC 4861 §6.1.1 and §6.1.2.
 * @param payload of an Ethernet frame: the IPv6 packet, padding tolerated.
 * @throws {CodecError} when it is another message, malformed, or one that the RFC tells a node to discard.
 */
export function decodeRouterDiscovery(payload: Uint8Array): RouterDiscoveryPacket {
  const { solicitation, advertisement } = routerDiscoveryType;
  const { packet, type, reader } = openIcmpv6(payload, [solicitation, advertisement], "router discovery");
  const { source, destination } = packet;
  const message = type === solicitation ? readSolicitation(reader, source) : readAdvertisement(reader, source);
  return { source, destination, message };
}

/** Inverse of {@link decodeRouterDiscovery}: an IPv6 packet with hop limit 255 and the right checksum. */
export function encodeRouterDiscovery({ source, destination, message }: RouterDiscoveryPacket): Uint8Array {
  const w = new Writer(24).u8(routerDiscoveryType[message.type]).u8(0).u16(0);
  if (message.type === "solicitation") w.u32(0);
  else {
    w.u8(message.curHopLimit)
      .u8((message.managed ? 0x80 : 0) + (message.otherConfiguration ? 0x40 : 0))
      .u16(message.lifetimeSeconds)
      .u32(message.reachableTimeMs)
      .u32(message.retransTimerMs);
  }
  if (message.sourceLinkLayer !== undefined) w.u8(ndpOption.sourceLinkLayer).u8(1).bytes(message.sourceLinkLayer);
  return sealIcmpv6(source, destination, w.finish());
}

function readSolicitation(r: Reader, source: Uint8Array): RouterSolicitation {
  r.skip(4, "reserved");
  const sourceLinkLayer = readLinkLayerOption(r, ndpOption.sourceLinkLayer);
  if (isUnspecified(source) && sourceLinkLayer !== undefined) throw r.error("source link-layer address", "in a packet from ::");
  return { type: "solicitation", ...(sourceLinkLayer && { sourceLinkLayer }) };
}

function readAdvertisement(r: Reader, source: Uint8Array): RouterAdvertisement {
  if (!isLinkLocal(source)) throw r.error("source", "is no link-local address");
  const curHopLimit = r.u8("hop limit for hosts");
  const flags = r.u8("flags");
  const lifetimeSeconds = r.u16("router lifetime");
  const reachableTimeMs = r.u32("reachable time");
  const retransTimerMs = r.u32("retrans timer");
  const sourceLinkLayer = readLinkLayerOption(r, ndpOption.sourceLinkLayer);
  return {
    type: "advertisement",
    curHopLimit,
    managed: (flags & 0x80) !== 0,
    otherConfiguration: (flags & 0x40) !== 0,
    lifetimeSeconds,
    reachableTimeMs,
    retransTimerMs,
    ...(sourceLinkLayer && { sourceLinkLayer }),
  };
}
