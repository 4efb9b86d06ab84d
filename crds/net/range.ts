import { type Address, bitsOf, type Family, formatAddress, mappedBlock, parseAddress } from "./address.ts";
import { type Prefix, parsePrefix, rangeOfPrefix } from "./prefix.ts";

/** Inclusive run of addresses of one family, `first` ≤ `last`. */
export type Range = { readonly family: Family; readonly first: bigint; readonly last: bigint };

/** What one entry of `spec.addresses` says, or why it says nothing and how to write it. */
export type PoolEntryResult =
  | { readonly ok: true; readonly range: Range }
  | { readonly ok: false; readonly code: PoolEntryError; readonly reason: string };

export type PoolEntryError = "AddressInvalid" | "RangeReversed" | "RangeMixedFamilies";

/** Reads a pool entry: a CIDR whose host bits are cleared, or `start-end`, inclusive, blanks around the ends allowed. */
export function parsePoolEntry(text: string): PoolEntryResult {
  const dash = text.indexOf("-");
  const result = dash < 0 ? parseCidr(text) : parseStartEnd(text.slice(0, dash).trim(), text.slice(dash + 1).trim());
  if (!result.ok || !rangesOverlap(result.range, { family: "IPv6", ...mappedBlock })) return result;
  return refused("AddressInvalid", "it holds IPv4-mapped addresses (::ffff:0:0/96): write the IPv4 addresses themselves");
}

function parseCidr(text: string): PoolEntryResult {
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return { ok: true, range: rangeOfPrefix(prefix) };
  const slip = slipOfThePen(text);
  if (slip !== undefined) return refused("AddressInvalid", slip);
  const address = parseAddress(text);
  if (address !== undefined) {
    return refused(
      "AddressInvalid",
      `a single address needs a prefix length: write ${formatAddress(address)}/${bitsOf[address.family]}`,
    );
  }
  const slash = text.indexOf("/");
  const host = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (host === undefined) return refused("AddressInvalid", notAnAddress(slash < 0 ? text : text.slice(0, slash)));
  if (host.family === "IPv4" && text.includes(":")) {
    const length = Number(text.slice(slash + 1)) - 96;
    const way = length >= 0 && length <= 32 ? `write the IPv4 one, ${formatAddress(host)}/${length}` : "write the IPv4 one";
    return refused("AddressInvalid", `an IPv4-mapped prefix is ambiguous: ${way}`);
  }
  return refused("AddressInvalid", `the prefix length must be a number from 0 to ${bitsOf[host.family]}`);
}

/** What is right but for one character that does not belong there. */
function slipOfThePen(text: string): string | undefined {
  if (text !== text.trim() && parsePoolEntry(text.trim()).ok) return `write ${text.trim()}: remove the blanks`;
  const parts = text.split(/[,;]/).map((part) => part.trim());
  if (parts.length > 1 && parts.every((part) => part === "" || parsePoolEntry(part).ok))
    return "write each prefix and each range as an entry of its own";
  const hyphened = text.replace(/[\u2010-\u2015\u2212]/, "-");
  return hyphened !== text && parsePoolEntry(hyphened).ok ? `write ${hyphened}: its dash is none of ASCII` : undefined;
}

function parseStartEnd(startText: string, endText: string): PoolEntryResult {
  const start = parseAddress(startText);
  if (start === undefined) return refused("AddressInvalid", `as the start of the range, ${notAnAddress(startText)}`);
  const end = parseAddress(endText);
  if (end === undefined) return refused("AddressInvalid", badEnd(startText, start, endText));
  if (start.family !== end.family) {
    return refused(
      "RangeMixedFamilies",
      `it starts with ${start.family} and ends with ${end.family}: write one range for each family`,
    );
  }
  if (start.bits > end.bits) {
    const swapped = `${formatAddress(end)}-${formatAddress(start)}`;
    return refused("RangeReversed", `its start comes after its end: write ${swapped}`);
  }
  return { ok: true, range: { family: start.family, first: start.bits, last: end.bits } };
}

function badEnd(startText: string, start: Address, endText: string): string {
  const said = `as the end of the range, ${notAnAddress(endText)}`;
  const full = completedEnd(startText, endText);
  return full?.family === start.family ? `${said}: write ${formatAddress(start)}-${formatAddress(full)}` : said;
}

/** Takes `150` after `10.0.3.100` for the last octet (group, for IPv6) of the same network. */
function completedEnd(startText: string, endText: string): Address | undefined {
  if (!/^[0-9A-Fa-f.:]+$/.test(endText)) return undefined;
  const separator = startText.includes(":") ? ":" : ".";
  const groups = startText.split(separator);
  const given = endText.split(separator);
  return parseAddress([...groups.slice(0, groups.length - given.length), ...given].join(separator));
}

function notAnAddress(text: string): string {
  if (text === "") return "an address is missing";
  const said = `${JSON.stringify(text)} is not an IP address`;
  if (/^\s|\s$/.test(text)) return `${said}: remove the blanks`;
  if (text.includes("%")) return `${said}: an address of a pool has no zone, remove what follows the %`;
  const short = text.replace(/(^|\.)0+(?=\d)/g, "$1");
  if (short !== text && parseAddress(short) !== undefined) return `${said} because of leading zeros: write ${short}`;
  return said;
}

function refused(code: PoolEntryError, reason: string): PoolEntryResult {
  return { ok: false, code, reason };
}

/** `first-last`, or the address alone when there is only one. */
export function formatRange({ family, first, last }: Range): string {
  const start = formatAddress({ family, bits: first });
  return first === last ? start : `${start}-${formatAddress({ family, bits: last })}`;
}

/** The fewest prefixes that hold exactly the addresses of `range`, ascending. */
export function prefixesOfRange({ family, first, last }: Range): Prefix[] {
  const prefixes: Prefix[] = [];
  let next = first;
  while (next <= last) {
    const prefix = largestPrefixAt(family, next, last);
    prefixes.push(prefix);
    next = rangeOfPrefix(prefix).last + 1n;
  }
  return prefixes;
}

function largestPrefixAt(family: Family, start: bigint, last: bigint): Prefix {
  let hostBits = 0;
  while (hostBits < bitsOf[family]) {
    const size = 1n << BigInt(hostBits + 1);
    if (start % size !== 0n || start + size - 1n > last) break;
    hostBits += 1;
  }
  return { family, bits: start, length: bitsOf[family] - hostBits };
}

/** Whether some address is in both. IPv4 and IPv6 never overlap. */
export function rangesOverlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** The addresses in both ranges; undefined when there are none. */
export function intersectRanges(a: Range, b: Range): Range | undefined {
  if (!rangesOverlap(a, b)) return undefined;
  return { family: a.family, first: higher(a.first, b.first), last: lower(a.last, b.last) };
}

function higher(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function lower(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
