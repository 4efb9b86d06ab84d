import { type Address, bitsOf, type Family, formatAddress, parseAddress } from "./address.ts";

/** A CIDR prefix. `bits` has its host bits zero. */
export type Prefix = { readonly family: Family; readonly bits: bigint; readonly length: number };

/**
 * Reads `address/length`. Host bits are cleared: `10.0.0.5/24` is `10.0.0.0/24`.
 * @returns undefined when it is no CIDR, or an IPv4-mapped one: its length could be meant in either family.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const host = text.slice(0, slash);
  const digits = text.slice(slash + 1);
  const address = parseAddress(host);
  if (address === undefined || !/^\d{1,3}$/.test(digits)) return undefined;
  if (address.family === "IPv4" && host.includes(":")) return undefined;
  const length = Number(digits);
  if (length > bitsOf[address.family]) return undefined;
  return prefixOf(address.family, address.bits, length);
}

/** The prefix of `length` that holds the address `bits`. */
export function prefixOf(family: Family, bits: bigint, length: number): Prefix {
  const hostBits = BigInt(bitsOf[family] - length);
  return { family, bits: (bits >> hostBits) << hostBits, length };
}

/** Whether `address` is in the subnet that `own` is in with a prefix of `length`. */
export function isInSubnet(address: Address, own: Address, length: number): boolean {
  const hostBits = BigInt(bitsOf[own.family] - length);
  return address.family === own.family && address.bits >> hostBits === own.bits >> hostBits;
}

/** Inverse of {@link parsePrefix}. */
export function formatPrefix({ family, bits, length }: Prefix): string {
  return `${formatAddress({ family, bits })}/${length}`;
}

/** All addresses of the prefix, network and broadcast address included. */
export function rangeOfPrefix(prefix: Prefix): { readonly family: Family; readonly first: bigint; readonly last: bigint } {
  const { family, bits, length } = prefix;
  const last = bits + (1n << BigInt(bitsOf[family] - length)) - 1n;
  return { family, first: bits, last };
}
