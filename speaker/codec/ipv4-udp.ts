import { Reader, Writer } from "./cursor.ts";
import { internetChecksum } from "./internet-checksum.ts";
import { pseudoHeaderChecksum } from "./ipv6.ts";

const headerLength = 20;
const udpHeaderLength = 8;
const udp = 17;
const dontFragment = 0x4000;

/** A UDP datagram in an IPv4 packet that is not fragmented. RFC 791 §3.1, RFC 768. Addresses have 4 octets. */
export type Ipv4Udp = {
  /** Type of service, 0 to 255. */
  readonly tos: number;
  readonly ttl: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** At most 65,507 octets. */
  readonly payload: Uint8Array;
};

/** A packet without options and with both checksums. */
export function encodeIpv4Udp(packet: Ipv4Udp): Uint8Array {
  const udpLength = udpHeaderLength + packet.payload.length;
  const octets = new Writer(headerLength + udpLength)
    .u8(0x45)
    .u8(packet.tos)
    .u16(headerLength + udpLength)
    .u16(0)
    .u16(dontFragment)
    .u8(packet.ttl)
    .u8(udp)
    .u16(0)
    .bytes(packet.source)
    .bytes(packet.destination)
    .u16(packet.sourcePort)
    .u16(packet.destinationPort)
    .u16(udpLength)
    .u16(0)
    .bytes(packet.payload)
    .finish();
  const view = new DataView(octets.buffer, octets.byteOffset);
  view.setUint16(10, internetChecksum([octets.subarray(0, headerLength)]));
  // A sum of zero is sent as its complement: zero says that there is none. RFC 768.
  view.setUint16(
    headerLength + 6,
    pseudoHeaderChecksum(packet.source, packet.destination, udp, octets.subarray(headerLength)) || 0xffff,
  );
  return octets;
}

/**
 * @param octets of an Ethernet frame's payload; what stands behind the packet's own length is padding and ignored.
 * @throws {CodecError} when it is no whole UDP datagram, or a checksum is wrong.
 */
export function decodeIpv4Udp(octets: Uint8Array): Ipv4Udp {
  const r = new Reader(octets, "IPv4");
  const first = r.u8("version");
  const ipLength = (first & 0x0f) * 4;
  if (first >>> 4 !== 4 || ipLength < headerLength) throw r.error("version", `begins with ${first}`, 1);
  const tos = r.u8("type of service");
  const total = r.u16("total length");
  if (total < ipLength + udpHeaderLength || total > octets.length) throw r.error("total length", `is ${total}`, 2);
  r.skip(2, "identification");
  if ((r.u16("fragment") & ~dontFragment) !== 0) throw r.error("fragment", "is one", 2);
  const ttl = r.u8("TTL");
  const protocol = r.u8("protocol");
  if (protocol !== udp) throw r.error("protocol", `is ${protocol}, not ${udp}`, 1);
  if (internetChecksum([octets.subarray(0, ipLength)]) !== 0) throw r.error("checksum", "is wrong");
  r.skip(2, "checksum");
  const addresses = { source: r.bytes(4, "source"), destination: r.bytes(4, "destination") };
  return { tos, ttl, ...addresses, ...datagramOf(octets.subarray(ipLength, total), addresses) };
}

function datagramOf(
  octets: Uint8Array,
  { source, destination }: Pick<Ipv4Udp, "source" | "destination">,
): Pick<Ipv4Udp, "sourcePort" | "destinationPort" | "payload"> {
  const r = new Reader(octets, "UDP");
  const ports = { sourcePort: r.u16("source port"), destinationPort: r.u16("destination port") };
  const length = r.u16("length");
  if (length < udpHeaderLength || length > octets.length) throw r.error("length", `is ${length}`, 2);
  const datagram = octets.subarray(0, length);
  if (r.u16("checksum") !== 0 && pseudoHeaderChecksum(source, destination, udp, datagram) !== 0)
    throw r.error("checksum", "is wrong", 2);
  return { ...ports, payload: datagram.subarray(udpHeaderLength) };
}
