import { bitsOf } from "../../crds/net/address.ts";
import type { Prefix } from "../../crds/net/prefix.ts";
import type { UpdateMessage } from "../codec/bgp/message.ts";
import type { AsPathSegment, PathAttributes } from "../codec/bgp/path-attribute.ts";

/** Octets of a BGP message at most, with its header, since we announce no longer ones. RFC 4271 §4.1, RFC 8654. */
export const maxMessageOctets = 4096;

/** An UPDATE without anything in it: header of 19 octets, and two lengths of two. RFC 4271 §4.3. */
const emptyUpdateOctets = 23;
/** Values of more octets have a length of two octets. */
const shortValue = 255;
/** AS numbers in one segment of a path at most. */
const segmentLength = 255;
const largestTwoOctetAs = 0xffff;

/** How the encoder writes AS numbers on a session: RFC 6793. */
export type AsEncoding = {
  /** Both sides said that they know AS numbers of four octets. */
  readonly fourOctetAs: boolean;
};

/** Octets of the encoded message, header included. */
export function updateOctets({ withdrawn, attributes, nlri }: UpdateMessage, encoding: AsEncoding): number {
  return emptyUpdateOctets + nlriOctets(withdrawn) + attributesOctets(attributes, encoding) + nlriOctets(nlri);
}

/** Octets for withdrawn prefixes of IPv4 in one UPDATE, or for those of IPv6 in MP_UNREACH. */
export const withdrawalRoom = {
  IPv4: maxMessageOctets - emptyUpdateOctets,
  IPv6: maxMessageOctets - emptyUpdateOctets - attributeHeader(shortValue + 1) - 3,
} as const;

/**
 * Octets that are left for prefixes beside these attributes; below zero: the attributes alone are too large.
 * @param attributes with MP_REACH, without prefixes, where the prefixes are to be in it.
 */
export function announcementRoom(attributes: PathAttributes, encoding: AsEncoding): number {
  const alone = maxMessageOctets - emptyUpdateOctets - attributesOctets(attributes, encoding);
  if (attributes.mpReach === undefined) return alone;
  // With prefixes enough to fill the message its length takes two octets.
  return alone - (attributeHeader(shortValue + 1) - attributeHeader(0));
}

function nlriOctets(prefixes: readonly Prefix[]): number {
  return prefixes.reduce((sum, { length }) => sum + 1 + Math.ceil(length / 8), 0);
}

/** Flags, type and length. */
function attributeHeader(valueOctets: number): number {
  return valueOctets > shortValue ? 4 : 3;
}

function attribute(valueOctets: number | undefined): number {
  return valueOctets === undefined ? 0 : attributeHeader(valueOctets) + valueOctets;
}

function attributesOctets(attributes: PathAttributes, { fourOctetAs }: AsEncoding): number {
  const { origin, asPath, nextHop, med, localPref } = attributes;
  const { communities, largeCommunities, extendedCommunities, mpReach, mpUnreach } = attributes;
  const translated = !fourOctetAs && (asPath ?? []).some(hasLargeAs);
  const nextHops = mpReach?.nextHops.reduce((sum, { family }) => sum + bitsOf[family] / 8, 0) ?? 0;
  return (
    attribute(origin && 1) +
    attribute(asPath && asPathOctets(asPath, fourOctetAs ? 4 : 2)) +
    (translated ? attribute(asPath && asPathOctets(asPath, 4)) : 0) +
    attribute(nextHop && 4) +
    attribute(med === undefined ? undefined : 4) +
    attribute(localPref === undefined ? undefined : 4) +
    attribute(listOctets(communities, 4)) +
    attribute(listOctets(largeCommunities, 12)) +
    attribute(listOctets(extendedCommunities, 8)) +
    attribute(mpReach && 5 + nextHops + nlriOctets(mpReach.nlri)) +
    attribute(mpUnreach && 3 + nlriOctets(mpUnreach.withdrawn))
  );
}

function listOctets(list: readonly unknown[] | undefined, octetsEach: number): number | undefined {
  return list && list.length * octetsEach;
}

function asPathOctets(segments: readonly AsPathSegment[], octetsEach: number): number {
  return segments.reduce((sum, { autonomousSystems: { length } }) => {
    const headers = Math.max(1, Math.ceil(length / segmentLength)) * 2;
    return sum + headers + length * octetsEach;
  }, 0);
}

function hasLargeAs({ autonomousSystems }: AsPathSegment): boolean {
  return autonomousSystems.some((number) => number > largestTwoOctetAs);
}
