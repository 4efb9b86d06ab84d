import { type Announceable, announceable } from "./announceable.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { exclusionOf } from "./eligibility.ts";
import type { L2Announcement } from "./intent.ts";
import { type Owner, ownerOf } from "./owner.ts";
import type { Reason } from "./reason.ts";

/**
 * Whether this node announces one Service on layer 2. Kept small, since it is made for every Service;
 * `evidenceFor` says the rest on demand.
 */
export type Verdict =
  | { readonly type: "announce"; readonly pool: string; readonly announcements: readonly L2Announcement[] }
  | { readonly type: "silent"; readonly reason: Reason; readonly owner?: Owner };

/**
 * Decides for one Service, from nothing but its arguments. Never throws.
 * @param service undefined: it was deleted.
 * @param endpoints of all its EndpointSlices.
 */
export function decide(service: ServiceView | undefined, endpoints: readonly EndpointView[], context: Context): Verdict {
  const subject = announceable(service, endpoints, context);
  if (typeof subject === "string") return { type: "silent", reason: subject };
  if (context.members.conduct === "joining") return { type: "silent", reason: "membershipUnknown" };
  const owner = ownerOf(subject, context);
  if (owner.by === "herald" && owner.node === context.self) {
    return { type: "announce", pool: subject.pool.name, announcements: announcementsOf(subject, context.self) };
  }
  return { type: "silent", reason: silence(owner, subject, context), owner };
}

function silence(owner: Owner, subject: Announceable, context: Context): Reason {
  const exclusion = exclusionOf(context.self, subject, context);
  if (exclusion !== undefined) return exclusion;
  if (owner.by === "foreign") return "foreignSpeaker";
  return context.members.alive.has(context.self) ? "notOwner" : "notMember";
}

/** Interfaces come from the advertisements that list the node: all, when one of them names none; else their union. */
function announcementsOf({ addresses, advertisements }: Announceable, node: string): readonly L2Announcement[] {
  const mine = advertisements.filter(({ nodes }) => nodes.has(node));
  const limited = mine.every((advertisement) => advertisement.interfaces.length > 0);
  const interfaces = limited ? [...new Set(mine.flatMap((advertisement) => advertisement.interfaces))].sort() : [];
  return addresses.map((address) => ({ address, interfaces }));
}
