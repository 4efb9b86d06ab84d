import type { Family } from "../../../crds/net/address.ts";

/** Type of a message, by name. RFC 4271 §4.1, RFC 2918 §3. */
export const messageTypeCode = { open: 1, update: 2, notification: 3, keepalive: 4, "route-refresh": 5 } as const;

export type MessageType = keyof typeof messageTypeCode;

/** Error code of a NOTIFICATION. RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §4. */
export const errorCode = {
  header: 1,
  open: 2,
  update: 3,
  holdTimer: 4,
  fsm: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimer: 8,
} as const;

/** RFC 4271 §6.1. */
export const headerSubcode = { notSynchronized: 1, badLength: 2, badType: 3 } as const;

/** RFC 4271 §6.2, RFC 5492 §5, RFC 9234 §4.2. */
export const openSubcode = {
  unspecific: 0,
  version: 1,
  badPeerAs: 2,
  badIdentifier: 3,
  unsupportedParameter: 4,
  holdTime: 6,
  unsupportedCapability: 7,
  roleMismatch: 11,
} as const;

/** RFC 4271 §6.3. */
export const updateSubcode = {
  malformedAttributeList: 1,
  unrecognizedWellKnown: 2,
  missingWellKnown: 3,
  attributeFlags: 4,
  attributeLength: 5,
  origin: 6,
  nextHop: 8,
  optionalAttribute: 9,
  networkField: 10,
  asPath: 11,
} as const;

/** A message that the state does not allow. RFC 6608 §3. */
export const fsmSubcode = { unspecified: 0, openSent: 1, openConfirm: 2, established: 3 } as const;

/** RFC 4486 §3, RFC 8538 §3, RFC 9384 §3. */
export const ceaseSubcode = {
  maxPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigurationChange: 6,
  collision: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

/** RFC 7313 §5. */
export const routeRefreshSubcode = { badLength: 1 } as const;

/** Capability codes that this codec reads. RFC 4760 §8, RFC 2918 §2, RFC 8950 §4, RFC 4724 §3, RFC 6793 §3. */
export const capabilityCode = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  gracefulRestart: 64,
  fourOctetAs: 65,
} as const;

/** The optional parameter of an OPEN that holds capabilities. RFC 5492 §4. */
export const capabilitiesParameter = 2;

/** Type codes of path attributes. RFC 4271 §5, RFC 1997, RFC 4456, RFC 4760, RFC 4360, RFC 6793, RFC 5701, RFC 8092. */
export const attributeCode = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  largeCommunities: 32,
} as const;

/** Bits of an attribute's first octet. RFC 4271 §4.3. */
export const attributeFlag = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;

/** Stands for an AS number that does not fit two octets. RFC 6793 §9. */
export const asTrans = 23456;

/** IANA's address family numbers and RFC 4760 §6. */
export const afi = { IPv4: 1, IPv6: 2 } as const;
export const unicastSafi = 1;

/** AFI and SAFI of the routes of one kind. RFC 4760 §3. */
export type AddressFamily = { readonly afi: number; readonly safi: number };

export const ipv4Unicast: AddressFamily = { afi: afi.IPv4, safi: unicastSafi };
export const ipv6Unicast: AddressFamily = { afi: afi.IPv6, safi: unicastSafi };

/** The family whose unicast prefixes these are; undefined when this codec does not read them. */
export function unicastFamily(family: AddressFamily): Family | undefined {
  if (family.safi !== unicastSafi) return undefined;
  return family.afi === afi.IPv4 ? "IPv4" : family.afi === afi.IPv6 ? "IPv6" : undefined;
}

/** True when `families` has that family. */
export function hasFamily(families: readonly AddressFamily[], afi: number, safi: number): boolean {
  return families.some((family) => family.afi === afi && family.safi === safi);
}

const typeOfCode = new Map<number, MessageType>(
  (Object.keys(messageTypeCode) as MessageType[]).map((type) => [messageTypeCode[type], type]),
);

/** Inverse of {@link messageTypeCode}; undefined for a code that no message has. */
export function messageTypeOf(code: number): MessageType | undefined {
  return typeOfCode.get(code);
}
