import { Reader, Writer } from "./cursor.ts";
import { macLength } from "./mac.ts";

/** EtherType numbers. IEEE 802 numbers as listed by IANA. */
export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, serviceVlan: 0x88a8, ipv6: 0x86dd } as const;

/** Octets before the payload of an untagged frame. */
export const ethernetHeaderLength = 14;

/** One Ethernet II frame. RFC 894, IEEE 802.3 §3.2.6. */
export type EthernetFrame = {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** The type of the payload, behind any tag. */
  readonly etherType: number;
  /** VLAN identifier (0 to 4095) of the outermost 802.1Q or 802.1ad tag; absent: untagged. */
  readonly vlan?: number;
  /** Includes padding, if any: the upper protocol's own length says where it ends. */
  readonly payload: Uint8Array;
};

/** @throws {CodecError} when shorter than its headers. */
export function decodeEthernet(frame: Uint8Array): EthernetFrame {
  const r = new Reader(frame, "Ethernet");
  const destination = r.bytes(macLength, "destination");
  const source = r.bytes(macLength, "source");
  const outer = r.u16("type");
  if (!isTag(outer)) return { destination, source, etherType: outer, payload: r.rest() };
  const vlan = r.u16("tag") & 0x0fff;
  let inner = r.u16("type");
  while (isTag(inner)) {
    r.skip(2, "tag");
    inner = r.u16("type");
  }
  return { destination, source, etherType: inner, vlan, payload: r.rest() };
}

/** An untagged frame, without padding: the network card pads. */
export function encodeEthernet(frame: Omit<EthernetFrame, "vlan">): Uint8Array {
  return new Writer(ethernetHeaderLength + frame.payload.length)
    .bytes(frame.destination)
    .bytes(frame.source)
    .u16(frame.etherType)
    .bytes(frame.payload)
    .finish();
}

function isTag(type: number): boolean {
  return type === etherType.vlan || type === etherType.serviceVlan;
}
