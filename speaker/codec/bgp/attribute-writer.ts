import type { Family } from "../../../crds/net/address.ts";
import { Writer } from "../cursor.ts";
import { octetsOfAddress } from "../ip-octets.ts";
import { as4PathOf, asPathOctets } from "./as-path.ts";
import { writePrefixes } from "./nlri.ts";
import type { Aggregator, MpReach, MpUnreach, PathAttributes, RawAttribute } from "./path-attribute.ts";
import { asTrans, attributeCode, attributeFlag, unicastFamily } from "./registry.ts";
import type { AsNumberWidth } from "./update-context.ts";

const wellKnown = attributeFlag.transitive;
const optional = attributeFlag.optional;
const optionalTransitive = attributeFlag.optional + attributeFlag.transitive;
const originCode = { igp: 0, egp: 1, incomplete: 2 } as const;

/**
 * The attributes as they stand in an UPDATE: MP_REACH_NLRI and MP_UNREACH_NLRI first (RFC 7606 §5.1), the others by their code.
 * Empty lists of communities are left out.
 * @throws {RangeError} when a value cannot be written: a segment of the AS path, a route or a next hop of another family.
 */
export function attributeOctets(attributes: PathAttributes, width: AsNumberWidth): Uint8Array {
  const w = new Writer(128);
  for (const { flags, code, value } of inOrder([...rawAttributes(attributes, width), ...(attributes.other ?? [])])) {
    if (value.length > 255)
      w.u8(flags | attributeFlag.extendedLength)
        .u8(code)
        .u16(value.length);
    else w.u8(flags).u8(code).u8(value.length);
    w.bytes(value);
  }
  return w.finish();
}

function inOrder(attributes: readonly RawAttribute[]): readonly RawAttribute[] {
  const rank = ({ code }: RawAttribute) =>
    code === attributeCode.mpReach || code === attributeCode.mpUnreach ? code - 0x100 : code;
  return attributes.toSorted((a, b) => rank(a) - rank(b));
}

function rawAttributes(attributes: PathAttributes, { fourOctetAs }: AsNumberWidth): readonly RawAttribute[] {
  const { origin, asPath, nextHop, med, localPref, communities, largeCommunities, extendedCommunities } = attributes;
  const { mpReach, mpUnreach, atomicAggregate, aggregator } = attributes;
  const raw: RawAttribute[] = [];
  const add = (flags: number, code: number, value: Uint8Array | undefined) => {
    if (value !== undefined) raw.push({ flags, code, value });
  };
  const as4Path = fourOctetAs || asPath === undefined ? undefined : as4PathOf(asPath);
  const as4Aggregator = !fourOctetAs && aggregator !== undefined && aggregator.autonomousSystem > 0xffff;
  add(wellKnown, attributeCode.origin, origin && new Writer(1).u8(originCode[origin]).finish());
  add(wellKnown, attributeCode.asPath, asPath && asPathOctets(asPath, fourOctetAs ? 4 : 2));
  add(wellKnown, attributeCode.nextHop, nextHop && ofLength(4, octetsOfAddress(nextHop), "NEXT_HOP"));
  add(optional, attributeCode.med, u32Octets(med));
  add(wellKnown, attributeCode.localPref, u32Octets(localPref));
  add(wellKnown, attributeCode.atomicAggregate, atomicAggregate && new Uint8Array());
  add(optionalTransitive, attributeCode.aggregator, aggregator && aggregatorOctets(aggregator, fourOctetAs ? 4 : 2));
  add(
    optionalTransitive,
    attributeCode.communities,
    listOctets(communities, (w, community) => w.u32(community)),
  );
  add(optional, attributeCode.mpReach, mpReach && mpReachOctets(mpReach));
  add(optional, attributeCode.mpUnreach, mpUnreach && mpUnreachOctets(mpUnreach));
  add(
    optionalTransitive,
    attributeCode.extendedCommunities,
    listOctets(extendedCommunities, (w, octets) => w.bytes(ofLength(8, octets, "an extended community"))),
  );
  add(optionalTransitive, attributeCode.as4Path, as4Path && asPathOctets(as4Path, 4));
  add(optionalTransitive, attributeCode.as4Aggregator, as4Aggregator ? aggregatorOctets(aggregator, 4) : undefined);
  const large = listOctets(largeCommunities, (w, { globalAdministrator, localData1, localData2 }) =>
    w.u32(globalAdministrator).u32(localData1).u32(localData2),
  );
  add(optionalTransitive, attributeCode.largeCommunities, large);
  return raw;
}

function u32Octets(value: number | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : new Writer(4).u32(value).finish();
}

function listOctets<Item>(items: readonly Item[] | undefined, write: (w: Writer, item: Item) => void): Uint8Array | undefined {
  if (items === undefined || items.length === 0) return undefined;
  const w = new Writer(12 * items.length);
  for (const item of items) write(w, item);
  return w.finish();
}

function aggregatorOctets({ autonomousSystem, address }: Aggregator, width: 2 | 4): Uint8Array {
  const w = new Writer(8);
  if (width === 4) w.u32(autonomousSystem);
  else w.u16(autonomousSystem > 0xffff ? asTrans : autonomousSystem);
  return w.bytes(octetsOfAddress(address)).finish();
}

function mpReachOctets({ afi, safi, nextHops, nlri }: MpReach): Uint8Array {
  const octets = nextHops.map(octetsOfAddress);
  const length = octets.reduce((sum, { length }) => sum + length, 0);
  const w = new Writer(256).u16(afi).u8(safi).u8(length);
  for (const nextHop of octets) w.bytes(nextHop);
  w.u8(0);
  writePrefixes(w, nlri, familyOf(afi, safi));
  return w.finish();
}

function mpUnreachOctets({ afi, safi, withdrawn }: MpUnreach): Uint8Array {
  const w = new Writer(256).u16(afi).u8(safi);
  writePrefixes(w, withdrawn, familyOf(afi, safi));
  return w.finish();
}

function familyOf(afi: number, safi: number): Family {
  const family = unicastFamily({ afi, safi });
  if (family === undefined) throw new RangeError(`routes of AFI ${afi} SAFI ${safi} cannot be written`);
  return family;
}

function ofLength(length: number, octets: Uint8Array, what: string): Uint8Array {
  if (octets.length !== length) throw new RangeError(`${what} has ${octets.length} octets, not ${length}`);
  return octets;
}
