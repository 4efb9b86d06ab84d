import { type Announceable, announceable, type Placement } from "./announceable.ts";
import { type Candidacy, candidacyFor, memberExclusionOf } from "./candidates.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import { foreignOwner } from "./coexistence.ts";
import type { Context } from "./context.ts";
import { exclusionOf } from "./eligibility.ts";
import type { L2Announcement } from "./intent.ts";
import { type Owner, ownerAmong } from "./owner.ts";
import { interfacesOn } from "./reach.ts";
import type { PlacementReason, Reason, Shortcoming } from "./reason.ts";

/**
 * Whether this node announces one Service on layer 2. Kept small, since it is made for every Service;
 * `evidenceFor` says the rest on demand.
 */
export type Verdict =
  | {
      readonly type: "announce";
      readonly pool: string;
      readonly announcements: readonly L2Announcement[];
      /** What the elected node lacks, and all others, too. */
      readonly shortcoming?: Shortcoming;
    }
  | { readonly type: "silent"; readonly reason: Reason; readonly owner?: Owner };

const nothing: readonly L2Announcement[] = [];

/**
 * Decides for one Service, from nothing but its arguments. Never throws.
 * @param service undefined: it was deleted.
 * @param endpoints of all its EndpointSlices.
 * @param announced what this node announces of the Service now: kept while the node is cut off.
 * @param placement the Service's, where it is known already.
 */
export function decide(
  service: ServiceView | undefined,
  endpoints: readonly EndpointView[],
  context: Context,
  announced: readonly L2Announcement[] = nothing,
  placement?: Placement | PlacementReason,
): Verdict {
  const subject = announceable(service, endpoints, context, placement);
  if (typeof subject === "string") return { type: "silent", reason: subject };
  const { members, self } = context;
  if (members.conduct === "joining") return { type: "silent", reason: "membershipUnknown" };
  if (members.conduct === "freeze") return frozen(subject, context, announced);
  const candidacy = candidacyFor(subject, context);
  const owner = ownerAmong(subject, candidacy, context);
  if (owner.by !== "herald" || owner.node !== self) {
    return { type: "silent", reason: silence(owner, subject, candidacy, context), owner };
  }
  const { shortcoming } = candidacy;
  const announcements = announcementsOf(candidacy.subject, self);
  return { type: "announce", pool: subject.pool.name, announcements, ...(shortcoming !== undefined && { shortcoming }) };
}

/**
 * What is announced stays as it is, as long as the Service has those addresses and nothing forbids this node to announce them,
 * whoever else might: the peers may be gone or not, and nobody can tell.
 */
function frozen(subject: Announceable, context: Context, announced: readonly L2Announcement[]): Verdict {
  const exclusion = exclusionOf(context.self, subject, context);
  if (exclusion !== undefined) return { type: "silent", reason: exclusion };
  const foreign = foreignOwner(subject, context);
  if (foreign !== undefined) return { type: "silent", reason: "foreignSpeaker", owner: { by: "foreign", node: foreign } };
  const kept = announced.filter(({ address }) =>
    subject.addresses.some(({ family, bits }) => family === address.family && bits === address.bits),
  );
  if (kept.length === 0) return { type: "silent", reason: "cutOff" };
  return { type: "announce", pool: subject.pool.name, announcements: kept };
}

function silence(owner: Owner, subject: Announceable, { passedOver }: Candidacy, context: Context): Reason {
  const { self } = context;
  const exclusion = exclusionOf(self, subject, context);
  if (exclusion !== undefined) return exclusion;
  if (owner.by === "foreign") return "foreignSpeaker";
  if (!context.members.alive.has(self)) return "notMember";
  return memberExclusionOf(self, subject, context) ?? passedOver.find(({ node }) => node === self)?.reason ?? "notOwner";
}

function announcementsOf(subject: Announceable, node: string): readonly L2Announcement[] {
  const interfaces = [...(interfacesOn(node, subject) ?? [])].sort();
  return subject.addresses.map((address) => ({ address, interfaces }));
}
