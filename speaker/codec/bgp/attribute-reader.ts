import type { Address } from "../../../crds/net/address.ts";
import { addressOfOctets } from "../ip-octets.ts";
import { u16At, u32At } from "../octets.ts";
import { mergedAsPath, readAsPath } from "./as-path.ts";
import { readPrefixes } from "./nlri.ts";
import type { Aggregator, AsPathSegment, LargeCommunity, PathAttributes, RawAttribute } from "./path-attribute.ts";
import { asTrans, attributeCode, attributeFlag } from "./registry.ts";
import type { AsNumberWidth } from "./update-context.ts";
import type { LocatedAttribute, UpdateScan } from "./update-scan.ts";

const origins = ["igp", "egp", "incomplete"] as const;

type Values = { -readonly [Name in keyof PathAttributes]: PathAttributes[Name] };

/** What AS4_PATH and AS4_AGGREGATOR say until they are merged. */
type Wide = { asPath?: readonly AsPathSegment[]; aggregator?: Aggregator };

/** The values of the attributes that the scan found sound. */
export function readAttributes(scan: UpdateScan, { fourOctetAs }: AsNumberWidth): PathAttributes {
  const values: Values = {};
  const wide: Wide = {};
  const other: RawAttribute[] = [];
  for (const attribute of scan.attributes) {
    const read =
      readPath(values, wide, attribute, fourOctetAs ? 4 : 2) ||
      readCommunities(values, attribute) ||
      readMp(values, attribute, scan);
    if (!read) other.push(rawAttribute(attribute));
  }
  if (other.length > 0) values.other = other;
  merge(values, wide);
  return values;
}

/** @returns whether it is one of these attributes. */
function readPath(values: Values, wide: Wide, { code, value }: LocatedAttribute, width: 2 | 4): boolean {
  switch (code) {
    case attributeCode.origin:
      values.origin = origins[value[0] ?? 0] ?? "incomplete";
      return true;
    case attributeCode.asPath:
      values.asPath = readAsPath(value, width);
      return true;
    case attributeCode.nextHop:
      values.nextHop = ipv4At(value, 0);
      return true;
    case attributeCode.med:
      values.med = u32At(value, 0);
      return true;
    case attributeCode.localPref:
      values.localPref = u32At(value, 0);
      return true;
    case attributeCode.atomicAggregate:
      values.atomicAggregate = true;
      return true;
    case attributeCode.aggregator:
      values.aggregator = readAggregator(value, width);
      return true;
    case attributeCode.as4Path:
      wide.asPath = readAsPath(value, 4);
      return true;
    case attributeCode.as4Aggregator:
      wide.aggregator = readAggregator(value, 4);
      return true;
    default:
      return false;
  }
}

/** @returns whether it is one of these attributes. */
function readCommunities(values: Values, { code, value }: LocatedAttribute): boolean {
  switch (code) {
    case attributeCode.communities:
      values.communities = pieces(value, 4).map((piece) => u32At(piece, 0));
      return true;
    case attributeCode.largeCommunities:
      values.largeCommunities = pieces(value, 12).map(readLargeCommunity);
      return true;
    case attributeCode.extendedCommunities:
      values.extendedCommunities = pieces(value, 8);
      return true;
    default:
      return false;
  }
}

/** @returns whether it is one of these attributes, of a family whose routes are read. */
function readMp(values: Values, { code }: LocatedAttribute, { mpReach, mpUnreach }: UpdateScan): boolean {
  if (code === attributeCode.mpReach && mpReach?.family !== undefined) {
    const { afi, safi, family, nextHop, nlri } = mpReach;
    values.mpReach = { afi, safi, nextHops: readNextHops(nextHop), nlri: readPrefixes(nlri, family) };
    return true;
  }
  if (code === attributeCode.mpUnreach && mpUnreach?.family !== undefined) {
    const { afi, safi, family, nlri } = mpUnreach;
    values.mpUnreach = { afi, safi, withdrawn: readPrefixes(nlri, family) };
    return true;
  }
  return false;
}

/** A peer that put another AGGREGATOR there does not know AS4_PATH: what it carries of it is old. RFC 6793 §4.2.3. */
function merge(values: Values, wide: Wide): void {
  const { aggregator, asPath } = values;
  if (wide.aggregator !== undefined && aggregator !== undefined) {
    if (aggregator.autonomousSystem !== asTrans) return;
    values.aggregator = wide.aggregator;
  }
  if (asPath !== undefined && wide.asPath !== undefined) values.asPath = mergedAsPath(asPath, wide.asPath);
}

function rawAttribute({ code, flags, value }: LocatedAttribute): RawAttribute {
  return { flags: flags & ~attributeFlag.extendedLength, code, value };
}

function readNextHops(octets: Uint8Array): readonly Address[] {
  const each = octets.length === 4 ? [octets] : pieces(octets, 16);
  return each.map(addressOfOctets).filter((address) => address !== undefined);
}

function readAggregator(octets: Uint8Array, width: 2 | 4): Aggregator {
  const autonomousSystem = width === 4 ? u32At(octets, 0) : u16At(octets, 0);
  return { autonomousSystem, address: ipv4At(octets, width) };
}

function ipv4At(octets: Uint8Array, at: number): Address {
  return { family: "IPv4", bits: BigInt(u32At(octets, at)) };
}

function readLargeCommunity(octets: Uint8Array): LargeCommunity {
  return { globalAdministrator: u32At(octets, 0), localData1: u32At(octets, 4), localData2: u32At(octets, 8) };
}

function pieces(octets: Uint8Array, length: number): readonly Uint8Array[] {
  return Array.from({ length: octets.length / length }, (_, i) => octets.subarray(i * length, (i + 1) * length));
}
