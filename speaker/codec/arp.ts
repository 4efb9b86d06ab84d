import { Reader, Writer } from "./cursor.ts";
import { macLength } from "./mac.ts";

/** ar$op. RFC 826. */
export const arpOperation = { request: 1, reply: 2 } as const;

/** Octets of an ARP packet for IPv4 over Ethernet. */
export const arpLength = 28;

/** ar$hrd of Ethernet and ar$pro of IPv4. RFC 826. */
const ethernet = 1;
const ipv4 = 0x0800;

/** ARP for IPv4 over Ethernet. RFC 826. Hardware addresses have 6 octets, protocol addresses 4. */
export type ArpPacket = {
  readonly operation: number;
  readonly senderMac: Uint8Array;
  readonly senderIp: Uint8Array;
  readonly targetMac: Uint8Array;
  readonly targetIp: Uint8Array;
};

/**
 * @param payload of an Ethernet frame; octets behind the packet are padding and ignored.
 * @throws {CodecError} when it is too short, or not IPv4 over Ethernet.
 */
export function decodeArp(payload: Uint8Array): ArpPacket {
  const r = new Reader(payload, "ARP");
  expect(r, r.u16("hardware type"), ethernet, "hardware type", 2);
  expect(r, r.u16("protocol type"), ipv4, "protocol type", 2);
  expect(r, r.u8("hardware length"), macLength, "hardware length", 1);
  expect(r, r.u8("protocol length"), 4, "protocol length", 1);
  return {
    operation: r.u16("operation"),
    senderMac: r.bytes(macLength, "sender hardware address"),
    senderIp: r.bytes(4, "sender protocol address"),
    targetMac: r.bytes(macLength, "target hardware address"),
    targetIp: r.bytes(4, "target protocol address"),
  };
}

/** Inverse of {@link decodeArp}: 28 octets. */
export function encodeArp(packet: ArpPacket): Uint8Array {
  return new Writer(arpLength)
    .u16(ethernet)
    .u16(ipv4)
    .u8(macLength)
    .u8(4)
    .u16(packet.operation)
    .bytes(packet.senderMac)
    .bytes(packet.senderIp)
    .bytes(packet.targetMac)
    .bytes(packet.targetIp)
    .finish();
}

function expect(r: Reader, found: number, wanted: number, field: string, width: number): void {
  if (found !== wanted) throw r.error(field, `is ${found}, not ${wanted}`, width);
}
