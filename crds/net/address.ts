import { Address6 } from "ip-address";

/** Address family, in Kubernetes' own spelling (`spec.ipFamilies`). */
export type Family = "IPv4" | "IPv6";

/** One IP address. `bits` is the value in network order: below 2^32 for IPv4, below 2^128 for IPv6. */
export type Address = { readonly family: Family; readonly bits: bigint };

/** Number of bits in an address of each family. */
export const bitsOf: { readonly [family in Family]: 32 | 128 } = { IPv4: 32, IPv6: 128 };

/** First and last address of ::ffff:0:0/96, the IPv4-mapped block. RFC 4291 §2.5.5.2. */
export const mappedBlock = { first: 0xffff_0000_0000n, last: 0xffff_ffff_ffffn } as const;

const ipv6Text = /^[0-9A-Fa-f:.]{2,45}$/;
const octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const ipv4Text = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);

/**
 * Reads one IP literal, as strictly as Go's net.ParseIP: dotted quad without leading zeros, or RFC 4291 §2.2 text; no
 * zone, no prefix length, no blanks. An IPv4-mapped IPv6 address is the IPv4 address.
 * @returns undefined when `text` is anything else.
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(":")) return parseIPv4(text);
  if (!ipv6Text.test(text)) return undefined; // also keeps out the zones and prefix lengths that the library accepts
  try {
    return unmapped(new Address6(text).bigInt());
  } catch {
    return undefined;
  }
}

/** By hand: pools of thousands of ranges are read on every change, and the library takes five times as long. */
function parseIPv4(text: string): Address | undefined {
  const octets = ipv4Text.exec(text);
  if (octets === null) return undefined;
  const [, a, b, c, d] = octets;
  return { family: "IPv4", bits: BigInt(Number(a) * 0x100_0000 + Number(b) * 0x1_0000 + Number(c) * 0x100 + Number(d)) };
}

function unmapped(bits: bigint): Address {
  if (bits < mappedBlock.first || bits > mappedBlock.last) return { family: "IPv6", bits };
  return { family: "IPv4", bits: bits - mappedBlock.first };
}

/** Canonical text: dotted quad, or RFC 5952 §4. Inverse of {@link parseAddress}. */
export function formatAddress({ family, bits }: Address): string {
  if (family === "IPv6") return Address6.fromBigInt(bits).correctForm();
  const value = Number(bits);
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}

/** The canonical text of an IP literal; undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (!text.includes(":")) return ipv4Text.test(text) ? text : undefined;
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** Order of addresses: IPv4 before IPv6, then by value. Negative, zero or positive, for `sort`. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family === "IPv4" ? -1 : 1;
  return a.bits < b.bits ? -1 : a.bits > b.bits ? 1 : 0;
}
