import { formatAddress } from "../../crds/net/address.ts";
import { formatPrefix } from "../../crds/net/prefix.ts";
import type { UpdateMessage } from "../../speaker/codec/bgp/message.ts";
import type { AsPathSegment } from "../../speaker/codec/bgp/path-attribute.ts";
import { pathTextOf } from "./canonical-text.ts";
import type { LearntPath } from "./router.ts";

/** What an UPDATE says of its routes, in the words in which routers answer. */
export type WirePath = Pick<
  LearntPath,
  "nextHops" | "asPath" | "origin" | "med" | "localPref" | "communities" | "largeCommunities"
> & {
  readonly prefixes: readonly string[];
};

/** What Herald's decoder made of the octets that a router answers about. */
export function wirePath({ attributes, nlri }: UpdateMessage): WirePath {
  const { asPath = [], med, localPref, nextHop, mpReach, communities = [], largeCommunities = [] } = attributes;
  const nextHops = mpReach?.nextHops ?? (nextHop === undefined ? [] : [nextHop]);
  return {
    prefixes: [...nlri, ...(mpReach?.nlri ?? [])].map(formatPrefix),
    nextHops: nextHops.map(formatAddress),
    asPath: pathTextOf(asPath.map(segmentText).join(" ")),
    origin: attributes.origin ?? "incomplete",
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: communities.map((value) => `${Math.floor(value / 65536)}:${value % 65536}`).sort(),
    largeCommunities: largeCommunities
      .map(({ globalAdministrator, localData1, localData2 }) => `${globalAdministrator}:${localData1}:${localData2}`)
      .sort(),
  };
}

function segmentText({ type, autonomousSystems }: AsPathSegment): string {
  const numbers = autonomousSystems.join(" ");
  return type === "set" ? `{${numbers}}` : numbers;
}
