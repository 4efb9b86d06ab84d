import type { CommunityValue } from "../snapshot.ts";

/**
 * What a BGP message leaves to communities: 4096 octets (RFC 4271 §4.1) less header, lengths, and the shortest ORIGIN, AS_PATH, NEXT_HOP,
 * MED and route that there are.
 */
const mostOctets = 4096 - 23 - 25 - 2;

/** Octets of one community: RFC 1997, RFC 8092. */
const octetsOf = { standard: 4, large: 12 } as const;

/** Whether some route with these communities fits into a message; the others are announced to nobody. */
export function fitMessage(communities: readonly CommunityValue[]): boolean {
  const attribute = (type: CommunityValue["type"]): number => {
    const octets = communities.filter((each) => each.type === type).length * octetsOf[type];
    return octets === 0 ? 0 : octets + (octets > 255 ? 4 : 3);
  };
  return attribute("standard") + attribute("large") <= mostOctets;
}
