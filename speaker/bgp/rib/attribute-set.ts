import { type Community, compareCommunities, formatCommunity } from "../../../crds/community.ts";
import type { RouteAttributes } from "../route.ts";

/** Attributes with a text that is the same for the same attributes: routes with one text fit into one UPDATE. */
export type AttributeSet = { readonly key: string; readonly attributes: RouteAttributes };

export function attributeSetOf(attributes: RouteAttributes): AttributeSet {
  const known = sets.get(attributes) ?? { key: keyOf(attributes), attributes };
  sets.set(attributes, known);
  return known;
}

/** Most routes come with the attributes of others, in one message. */
const sets = new WeakMap<RouteAttributes, AttributeSet>();

function keyOf({ localPref, asPathPrepend, communities, linkBandwidth }: RouteAttributes): string {
  return `${localPref} ${asPathPrepend} ${linkBandwidth ?? "-"} ${communities.map(textOf).join(" ")}`;
}

/**
 * What is said of a prefix that several announce: all communities, and of the rest what attracts most: the highest local
 * preference and link bandwidth, the shortest AS path. The same in whatever order, however often.
 * @param all not empty.
 */
export function mergeAttributes(all: readonly RouteAttributes[]): RouteAttributes {
  const communities = new Map(all.flatMap((one) => one.communities.map((community) => [textOf(community), community])));
  const bandwidths = all.flatMap(({ linkBandwidth }) => linkBandwidth ?? []);
  return {
    localPref: Math.max(...all.map(({ localPref }) => localPref)),
    asPathPrepend: Math.min(...all.map(({ asPathPrepend }) => asPathPrepend)),
    communities: [...communities.values()].sort(compareCommunities),
    ...(bandwidths.length > 0 && { linkBandwidth: Math.max(...bandwidths) }),
  };
}

/** Standard and large communities never have one text: they differ in their number of colons. */
function textOf(community: Community): string {
  return formatCommunity(community);
}
