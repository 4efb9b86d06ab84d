import type { Community } from "../../../crds/community.ts";
import type { LargeCommunity, PathAttributes } from "../../codec/bgp/path-attribute.ts";
import type { RouteAttributes } from "../route.ts";

/** What of a session decides how routes are described on it. */
export type SessionKind = {
  /** The peer is of our own AS. */
  readonly internal: boolean;
  /** The AS number that we show to the peer. */
  readonly autonomousSystem: number;
};

/** GRACEFUL_SHUTDOWN: this path is about to go. RFC 8326 §5. */
export const gracefulShutdown = { type: "standard", value: 0xffff_0000 } as const satisfies Community;

/** Where none is configured. */
const usualLocalPref = 100;
/** Stands for AS numbers of more than two octets. RFC 6793 §9. */
const asTrans = 23_456;
/** Type octets of the link bandwidth: within the AS only, or beyond it; and its subtype. draft-ietf-idr-link-bandwidth. */
const linkBandwidth = { internal: 0x40, external: 0x00, subtype: 0x04 } as const;

/**
 * The attributes of an UPDATE but for the next hop. ORIGIN IGP, MED 0; the AS path is empty towards internal peers, which would
 * take their own number in it for a loop; LOCAL_PREF goes to these only, and is 0 for a path that is about to go (RFC 8326 §4.1)
 * unless one is configured.
 */
export function outgoingAttributes(
  { localPref, asPathPrepend, communities, linkBandwidth: bandwidth }: RouteAttributes,
  { internal, autonomousSystem }: SessionKind,
): PathAttributes {
  const standard: number[] = [];
  const large: LargeCommunity[] = [];
  for (const community of communities) {
    if (community.type === "standard") standard.push(community.value);
    else large.push(largeOf(community));
  }
  const unset = standard.includes(gracefulShutdown.value) ? 0 : usualLocalPref;
  const path = new Array<number>(1 + asPathPrepend).fill(autonomousSystem);
  return {
    origin: "igp",
    asPath: internal ? [] : [{ type: "sequence", autonomousSystems: path }],
    med: 0,
    ...(internal && { localPref: localPref === 0 ? unset : localPref }),
    ...(standard.length > 0 && { communities: standard }),
    ...(large.length > 0 && { largeCommunities: large }),
    ...(bandwidth !== undefined && { extendedCommunities: [linkBandwidthOctets(bandwidth, internal, autonomousSystem)] }),
  };
}

function largeOf({
  globalAdministrator,
  localData1,
  localData2,
}: Extract<Community, { readonly type: "large" }>): LargeCommunity {
  return { globalAdministrator, localData1, localData2 };
}

/** The bandwidth is an IEEE 754 number of four octets. */
function linkBandwidthOctets(octetsPerSecond: number, internal: boolean, autonomousSystem: number): Uint8Array {
  const octets = new Uint8Array(8);
  const view = new DataView(octets.buffer);
  view.setUint8(0, internal ? linkBandwidth.internal : linkBandwidth.external);
  view.setUint8(1, linkBandwidth.subtype);
  view.setUint16(2, autonomousSystem > 0xffff ? asTrans : autonomousSystem);
  view.setFloat32(4, octetsPerSecond);
  return octets;
}
