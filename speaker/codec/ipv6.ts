import { Reader, Writer } from "./cursor.ts";
import { u16At } from "./octets.ts";

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
 * Internet checksum over pseudo-header and message. RFC 8200 §8.1, RFC 1071.
 * @returns the value for a checksum field that holds zero; 0 when the field in `message` is already right.
 */
export function pseudoHeaderChecksum(
  source: Uint8Array,
  destination: Uint8Array,
  nextHeader: number,
  message: Uint8Array,
): number {
  let sum =
    sumOf(source) + sumOf(destination) + sumOf(message) + nextHeader + (message.length & 0xffff) + (message.length >>> 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

function sumOf(octets: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += u16At(octets, i);
  return sum;
}
