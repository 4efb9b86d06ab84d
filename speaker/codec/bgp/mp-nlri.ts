import type { Family } from "../../../crds/net/address.ts";
import { Reader } from "../cursor.ts";
import type { CodecError } from "../error.ts";
import { attributeCode, hasFamily, unicastFamily } from "./registry.ts";
import type { UpdateContext } from "./update-context.ts";

/** MP_REACH_NLRI or MP_UNREACH_NLRI, taken apart but not read. RFC 4760 §3, §4. */
export type MpAttribute = {
  readonly afi: number;
  readonly safi: number;
  /** Absent: the routes are of a family that was not negotiated or is not known here, and are left alone. */
  readonly family?: Family;
  /** Empty in MP_UNREACH_NLRI. */
  readonly nextHop: Uint8Array;
  readonly nlri: Uint8Array;
};

/**
 * Octets of the next hops that routes of a family may have: one address, or an IPv6 one and a link-local one beside it.
 * RFC 2545 §3; for IPv4 routes RFC 4760 §3 and RFC 8950 §3.
 */
const nextHopOctets: { readonly [family in Family]: readonly number[] } = { IPv4: [4, 16, 32], IPv6: [16, 32] };

/**
 * Takes the value of attribute 14 or 15 apart.
 * @throws {CodecError} when its routes cannot be found in it: it is too short, or the next hop has a wrong length. RFC 7606 §7.11.
 */
export function splitMpAttribute(code: number, value: Uint8Array, { families }: UpdateContext): MpAttribute {
  const reach = code === attributeCode.mpReach;
  const r = new Reader(value, reach ? "BGP MP_REACH_NLRI" : "BGP MP_UNREACH_NLRI");
  const afi = r.u16("AFI");
  const safi = r.u8("SAFI");
  const family = hasFamily(families, afi, safi) ? unicastFamily({ afi, safi }) : undefined;
  const nextHop = reach ? nextHopOf(r, family) : new Uint8Array();
  return { afi, safi, ...(family !== undefined && { family }), nextHop, nlri: r.rest() };
}

function nextHopOf(r: Reader, family: Family | undefined): Uint8Array {
  const length = r.u8("next hop length");
  if (family !== undefined && !nextHopOctets[family].includes(length)) throw wrongNextHop(r, length, family);
  const nextHop = r.bytes(length, "next hop");
  r.skip(1, "reserved");
  return nextHop;
}

function wrongNextHop(r: Reader, length: number, family: Family): CodecError {
  return r.error("next hop length", `is ${length}, not ${nextHopOctets[family].join(" or ")} as for ${family}`, 1);
}
