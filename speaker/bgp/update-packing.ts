import type { Address, Family } from "../../crds/net/address.ts";
import type { Prefix } from "../../crds/net/prefix.ts";
import type { UpdateMessage } from "../codec/bgp/message.ts";
import type { PathAttributes } from "../codec/bgp/path-attribute.ts";
import { type AsEncoding, announcementRoom, withdrawalRoom } from "./update-size.ts";

/** An UPDATE to be filled with prefixes of one family and one fate. */
export type UpdateFrame = {
  /** Octets for prefixes; below 2 not even the shortest fits. */
  readonly room: number;
  /** @param prefixes whose octets together are at most `room`. */
  readonly messageWith: (prefixes: readonly Prefix[]) => UpdateMessage;
};

/** Address family numbers of IANA. */
export const afiOf: { readonly [family in Family]: number } = { IPv4: 1, IPv6: 2 };
export const unicast = 1;

const nothing: readonly Prefix[] = [];

/**
 * IPv4 routes with an IPv4 next hop stand in the message itself, all others in MP_REACH (RFC 4760 §3, RFC 8950 §3).
 * @param attributes of `outgoingAttributes`.
 * @param nextHops not empty.
 */
export function announcementFrame(
  family: Family,
  attributes: PathAttributes,
  nextHops: readonly Address[],
  encoding: AsEncoding,
): UpdateFrame {
  const [first] = nextHops;
  if (family === "IPv4" && first?.family === "IPv4") {
    const all = { ...attributes, nextHop: first };
    return {
      room: announcementRoom(all, encoding),
      messageWith: (nlri) => ({ type: "update", withdrawn: nothing, attributes: all, nlri }),
    };
  }
  const reachOf = (nlri: readonly Prefix[]) => ({ afi: afiOf[family], safi: unicast, nextHops, nlri });
  return {
    room: announcementRoom({ ...attributes, mpReach: reachOf(nothing) }, encoding),
    messageWith: (nlri) => ({
      type: "update",
      withdrawn: nothing,
      attributes: { ...attributes, mpReach: reachOf(nlri) },
      nlri: nothing,
    }),
  };
}

/** Withdrawals are never in one message with announcements. */
export const withdrawalFrames: { readonly [family in Family]: UpdateFrame } = {
  IPv4: {
    room: withdrawalRoom.IPv4,
    messageWith: (withdrawn) => ({ type: "update", withdrawn, attributes: {}, nlri: nothing }),
  },
  IPv6: { room: withdrawalRoom.IPv6, messageWith: (withdrawn) => unreachable("IPv6", withdrawn) },
};

/** All routes of that family have been sent. RFC 4724 §2. */
export function endOfRib(family: Family): UpdateMessage {
  if (family === "IPv4") return withdrawalFrames.IPv4.messageWith(nothing);
  return unreachable(family, nothing);
}

function unreachable(family: Family, withdrawn: readonly Prefix[]): UpdateMessage {
  const mpUnreach = { afi: afiOf[family], safi: unicast, withdrawn };
  return { type: "update", withdrawn: nothing, attributes: { mpUnreach }, nlri: nothing };
}
