import { Reader, Writer } from "./cursor.ts";
import { internetChecksum } from "./internet-checksum.ts";

/** Octets of the fixed header. */
export const ipv6HeaderLength = 40;

/** An IPv6 packet without extension headers of its own: those are part of the payload. RFC 8200 §3. */
export type Ipv6Packet = {
  /** 0 to 255. */
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** Protocol of the first octet of the payload. */
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** At most 65,535 octets. */
  readonly payload: Uint8Array;
};

/**
 * @param octets of an Ethernet frame's payload; what stands behind the packet's own length is padding and ignored.
 * @throws {CodecError} when it is too short for its length, or not version 6.
 */
export function decodeIpv6(octets: Uint8Array): Ipv6Packet {
  const r = new Reader(octets, "IPv6");
  const first = r.u32("version");
  if (first >>> 28 !== 6) throw r.error("version", `is ${first >>> 28}, not 6`, 4);
  const length = r.u16("payload length");
  return {
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xf_ffff,
    nextHeader: r.u8("next header"),
    hopLimit: r.u8("hop limit"),
    source: r.bytes(16, "source"),
    destination: r.bytes(16, "destination"),
    payload: r.bytes(length, "payload"),
  };
}

/** Inverse of {@link decodeIpv6}. */
export function encodeIpv6(packet: Ipv6Packet): Uint8Array {
  return new Writer(ipv6HeaderLength + packet.payload.length)
    .u32(6 * 0x1000_0000 + packet.trafficClass * 0x10_0000 + packet.flowLabel)
    .u16(packet.payload.length)
    .u8(packet.nextHeader)
    .u8(packet.hopLimit)
    .bytes(packet.source)
    .bytes(packet.destination)
    .bytes(packet.payload)
    .finish();
}

/**
 * Internet checksum over pseudo-header and message. RFC 8200 §8.1; with addresses of 4 octets RFC 768.
 * @returns the value for a checksum field that holds zero; 0 when the field in `message` is already right.
 */
export function pseudoHeaderChecksum(
  source: Uint8Array,
  destination: Uint8Array,
  nextHeader: number,
  message: Uint8Array,
): number {
  const length = (message.length & 0xffff) + (message.length >>> 16);
  return internetChecksum([source, destination, message], nextHeader + length);
}
