import { announceable } from "./announceable.ts";
import { candidacyFor, memberExclusionOf } from "./candidates.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { ClusterContext } from "./context.ts";
import { type Ranked, rank } from "./l2-election.ts";
import { type Owner, ownerAmong } from "./owner.ts";
import type { NodeReason, Reason, Shortcoming } from "./reason.ts";

/** All that led to a verdict, for whoever asks about one Service. */
export type Evidence = {
  /** Why no node at all announces the Service; the lists below are then empty. */
  readonly reason?: Reason;
  readonly pool?: string;
  /** The address whose text decides between equal scores. */
  readonly ip?: string;
  readonly advertisements: readonly string[];
  readonly owner: Owner;
  /** What all candidates lack. */
  readonly shortcoming?: Shortcoming;
  /** Candidates, the owner first. */
  readonly candidates: readonly Ranked[];
  /** Every other node that is known, with the first reason that keeps it out; sorted by name. */
  readonly excluded: readonly { readonly node: string; readonly reason: NodeReason }[];
};

/** The evidence behind `decide` for the same arguments. Costs a hash for each candidate. */
export function evidenceFor(
  service: ServiceView | undefined,
  endpoints: readonly EndpointView[],
  context: ClusterContext,
): Evidence {
  const asked = announceable(service, endpoints, context);
  if (typeof asked === "string") {
    return { reason: asked, advertisements: [], owner: { by: "nobody" }, candidates: [], excluded: [] };
  }
  const { alive } = context.members;
  const { subject, candidates, passedOver, shortcoming } = candidacyFor(asked, context);
  const excluded: { node: string; reason: NodeReason }[] = [...passedOver];
  for (const node of new Set([...context.nodes.keys(), ...alive])) {
    const reason = memberExclusionOf(node, subject, context) ?? (alive.has(node) ? undefined : "notMember");
    if (reason !== undefined) excluded.push({ node, reason });
  }
  return {
    pool: subject.pool.name,
    ip: subject.ip,
    advertisements: subject.advertisements.map(({ name }) => name),
    owner: ownerAmong(asked, { subject, candidates, passedOver, shortcoming }, context),
    ...(shortcoming !== undefined && { shortcoming }),
    candidates: rank(candidates, subject.ip, context.sha256),
    excluded: excluded.sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}
