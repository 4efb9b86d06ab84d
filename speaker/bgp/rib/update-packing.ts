import type { Address, Family } from "../../../crds/net/address.ts";
import type { Prefix } from "../../../crds/net/prefix.ts";
import { attributeOctets } from "../../codec/bgp/attribute-writer.ts";
import { headerOctets, maxMessageOctets } from "../../codec/bgp/header.ts";
import type { UpdateMessage } from "../../codec/bgp/message.ts";
import type { PathAttributes } from "../../codec/bgp/path-attribute.ts";
import { ipv4Unicast, ipv6Unicast } from "../../codec/bgp/registry.ts";
import type { AsNumberWidth } from "../../codec/bgp/update-context.ts";

/** An UPDATE to be filled with prefixes of one family and one fate. */
export type UpdateFrame = {
  /** Octets for prefixes; below those of the prefix it cannot be sent. */
  readonly room: number;
  /** @param prefixes whose octets together are at most `room`. */
  readonly messageWith: (prefixes: readonly Prefix[]) => UpdateMessage;
};

const unicast = { IPv4: ipv4Unicast, IPv6: ipv6Unicast } as const;
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
  width: AsNumberWidth,
): UpdateFrame {
  const [first] = nextHops;
  if (family === "IPv4" && first?.family === "IPv4") {
    const all = { ...attributes, nextHop: first };
    return {
      room: roomBeside(all, width),
      messageWith: (nlri) => ({ type: "update", withdrawn: nothing, attributes: all, nlri }),
    };
  }
  const withRoutes = (nlri: readonly Prefix[]) => ({ ...attributes, mpReach: { ...unicast[family], nextHops, nlri } });
  return {
    room: roomBeside(withRoutes(nothing), width) - longLengthOctets,
    messageWith: (nlri) => ({ type: "update", withdrawn: nothing, attributes: withRoutes(nlri), nlri: nothing }),
  };
}

/** The routes fill the attribute that they stand in, so that its length takes another octet than without them. */
const longLengthOctets = 1;

/** Withdrawals are never in one message with announcements. */
export const withdrawalFrames: { readonly [family in Family]: UpdateFrame } = {
  IPv4: {
    room: roomBeside({}, { fourOctetAs: true }),
    messageWith: (withdrawn) => ({ type: "update", withdrawn, attributes: {}, nlri: nothing }),
  },
  IPv6: {
    room: roomBeside(unreachable(nothing).attributes, { fourOctetAs: true }) - longLengthOctets,
    messageWith: unreachable,
  },
};

/** All routes of that family have been sent. RFC 4724 §2. */
export function endOfRib(family: Family): UpdateMessage {
  return withdrawalFrames[family].messageWith(nothing);
}

function unreachable(withdrawn: readonly Prefix[]): UpdateMessage {
  return { type: "update", withdrawn: nothing, attributes: { mpUnreach: { ...ipv6Unicast, withdrawn } }, nlri: nothing };
}

/** The header, the lengths of withdrawals and attributes, and the attributes take the rest. RFC 4271 §4.3. */
function roomBeside(attributes: PathAttributes, width: AsNumberWidth): number {
  return maxMessageOctets - headerOctets - 4 - attributeOctets(attributes, width).length;
}
