import { u16At, u32At } from "./octets.ts";

/** Octets in a MAC-48 address. */
export const macLength = 6;

/** ff:ff:ff:ff:ff:ff. A function, since arrays can be written to. */
export function broadcastMac(): Uint8Array {
  return new Uint8Array(macLength).fill(0xff);
}

/** True when the I/G bit is set: broadcast or multicast. */
export function isGroupMac(octets: Uint8Array, offset = 0): boolean {
  return ((octets[offset] ?? 0) & 1) === 1;
}

/** The address at `offset` as a number below 2^48: a key for sets that needs no allocation. */
export function macNumber(octets: Uint8Array, offset = 0): number {
  return u16At(octets, offset) * 0x1_0000_0000 + u32At(octets, offset + 2);
}

/** Inverse of {@link macNumber}. */
export function macOctets(number: number): Uint8Array {
  const octets = new Uint8Array(macLength);
  for (let i = macLength - 1, rest = number; i >= 0; i -= 1, rest = Math.floor(rest / 0x100)) octets[i] = rest % 0x100;
  return octets;
}

/** Ethernet address of an IPv6 multicast group: 33:33 and the group's last four octets. RFC 2464 §7. */
export function multicastMac(group: Uint8Array): Uint8Array {
  const mac = new Uint8Array(macLength);
  mac[0] = 0x33;
  mac[1] = 0x33;
  mac.set(group.subarray(12, 16), 2);
  return mac;
}

/** `02:00:00:00:00:01`. */
export function formatMac(mac: Uint8Array): string {
  return Array.from(mac, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}
