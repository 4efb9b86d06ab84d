import { bitsOf, type Family } from "../../../crds/net/address.ts";
import { formatPrefix, type Prefix, prefixOf } from "../../../crds/net/prefix.ts";
import type { Writer } from "../cursor.ts";
import { u32At } from "../octets.ts";

/** Where in the octets a prefix is wrong, and how. */
export type PrefixFault = { readonly at: number; readonly problem: string };

/** Octets that a prefix of so many bits takes: its length and no more of the address than needed. RFC 4271 §4.3. */
export function prefixOctets(length: number): number {
  return 1 + ((length + 7) >>> 3);
}

/**
 * Goes through prefixes that stand one behind the other: length(1) address(0–16). RFC 4271 §4.3, RFC 4760 §5.
 * @param visit gets each address's first octet and the prefix length; without it nothing is built.
 * @returns how many there are, or the first fault, after which nothing can be told.
 */
export function walkPrefixes(
  octets: Uint8Array,
  family: Family,
  visit?: (at: number, length: number) => void,
): number | PrefixFault {
  const longest = bitsOf[family];
  let count = 0;
  for (let at = 0; at < octets.length; count += 1) {
    const length = octets[at] ?? 0;
    if (length > longest) return { at, problem: `prefix length ${length} is more than ${longest}` };
    const next = at + prefixOctets(length);
    if (next > octets.length) return { at, problem: `a /${length} reaches ${next - octets.length} octets over the end` };
    visit?.(at + 1, length);
    at = next;
  }
  return count;
}

/** The prefixes of octets in which {@link walkPrefixes} finds no fault; those before the fault where there is one. Host bits are cleared. */
export function readPrefixes(octets: Uint8Array, family: Family): readonly Prefix[] {
  const prefixes: Prefix[] = [];
  walkPrefixes(octets, family, (at, length) => prefixes.push(prefixAt(octets, at, length, family)));
  return prefixes;
}

/** Inverse of {@link readPrefixes}. @throws {RangeError} for a prefix of another family. */
export function writePrefixes(w: Writer, prefixes: readonly Prefix[], family: Family): void {
  for (const prefix of prefixes) {
    if (prefix.family !== family) throw new RangeError(`${formatPrefix(prefix)} stands among routes of ${family}`);
    writePrefix(w, prefix);
  }
}

function writePrefix(w: Writer, { family, bits, length }: Prefix): void {
  w.u8(length);
  const octets = prefixOctets(length) - 1;
  for (let word = 0; word * 4 < octets; word += 1) {
    const value = wordOf(bits, bitsOf[family] - 32 * (word + 1));
    for (let i = 0; i < 4 && word * 4 + i < octets; i += 1) w.u8((value >>> (24 - 8 * i)) & 0xff);
  }
}

/** 32 bits from bit `shift` on. */
function wordOf(bits: bigint, shift: number): number {
  return Number(BigInt.asUintN(32, shift === 0 ? bits : bits >> BigInt(shift)));
}

/** What stands behind the prefix are host bits, which are cleared. */
function prefixAt(octets: Uint8Array, at: number, length: number, family: Family): Prefix {
  let bits = BigInt(u32At(octets, at));
  for (let word = 1; word * 32 < bitsOf[family]; word += 1) bits = bits * 0x1_0000_0000n + BigInt(u32At(octets, at + 4 * word));
  return prefixOf(family, bits, length);
}
