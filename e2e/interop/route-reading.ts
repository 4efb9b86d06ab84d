import { formatAddress } from "../../crds/net/address.ts";
import type { UpdateMessage } from "../../speaker/codec/bgp/message.ts";
import type { AsPathSegment } from "../../speaker/codec/bgp/path-attribute.ts";
import { decodeUpdate } from "../../speaker/codec/bgp/update.ts";
import type { UpdateContext } from "../../speaker/codec/bgp/update-context.ts";
import type { LearntPath } from "../routers/router.ts";

/** What becomes of an UPDATE that announces one route: one line that compares. */
export type Reading = string;

/** As Herald reads it. @param message a whole UPDATE. */
export function heraldReading(message: Uint8Array, session: UpdateContext): Reading {
  const decoded = decodeUpdate(message.subarray(19), session);
  if (!decoded.ok) return "the session ends";
  const { message: update, summary } = decoded.value;
  return summary.announced === 0 ? "no route" : textOf(learntOf(update));
}

/** As a router does. */
export function routerReading([path]: readonly LearntPath[]): Reading {
  return path === undefined ? "no route" : textOf(path);
}

type Learnt = Omit<LearntPath, "neighbor" | "best" | "stale">;

function learntOf({ attributes }: UpdateMessage): Learnt {
  const {
    origin = "incomplete",
    asPath = [],
    nextHop,
    mpReach,
    med,
    localPref,
    communities = [],
    largeCommunities = [],
  } = attributes;
  const nextHops = mpReach?.nextHops ?? (nextHop === undefined ? [] : [nextHop]);
  return {
    nextHops: nextHops.map(formatAddress),
    asPath: asPath.map(segmentText).join(" "),
    origin,
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: communities.map((value) => `${value >>> 16}:${value & 0xffff}`),
    largeCommunities: largeCommunities.map((each) => `${each.globalAdministrator}:${each.localData1}:${each.localData2}`),
  };
}

/** RFC 4271 §5.1.5: without LOCAL_PREF a router has its default, 100 in all three. A missing MED is 0 (§9.1.2.2). */
function textOf({ nextHops, asPath, origin, med = 0, localPref = 100, communities, largeCommunities }: Learnt): string {
  const sorted = (texts: readonly string[]): string => [...new Set(texts)].sort().join(" ");
  const [nextHop = "none"] = nextHops;
  const lists = `communities [${sorted(communities)}], large [${sorted(largeCommunities)}]`;
  return `via ${nextHop}, path [${asPath}], ${origin}, MED ${med}, preference ${localPref}, ${lists}`;
}

function segmentText({ type, autonomousSystems }: AsPathSegment): string {
  const confederation = type.startsWith("confederation") ? "confederation " : "";
  if (!type.endsWith("set")) return confederation + autonomousSystems.join(" ");
  return `${confederation}{${[...new Set(autonomousSystems)].sort((a, b) => a - b).join(",")}}`;
}
