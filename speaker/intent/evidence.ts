import { announceable } from "./announceable.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { ClusterContext } from "./context.ts";
import { candidatesAmong, exclusionOf } from "./eligibility.ts";
import { type Ranked, rank } from "./l2-election.ts";
import { type Owner, ownerOf } from "./owner.ts";
import type { NodeReason, Reason } from "./reason.ts";

/** All that led to a verdict, for whoever asks about one Service. */
export type Evidence = {
  /** Why no node at all announces the Service; the lists below are then empty. */
  readonly reason?: Reason;
  readonly pool?: string;
  /** The address whose text decides between equal scores. */
  readonly ip?: string;
  readonly advertisements: readonly string[];
  readonly owner: Owner;
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
  const subject = announceable(service, endpoints, context);
  if (typeof subject === "string") {
    return { reason: subject, advertisements: [], owner: { by: "nobody" }, candidates: [], excluded: [] };
  }
  const { alive } = context.members;
  const excluded: { node: string; reason: NodeReason }[] = [];
  for (const node of new Set([...context.nodes.keys(), ...alive])) {
    const reason = exclusionOf(node, subject, context) ?? (alive.has(node) ? undefined : "notMember");
    if (reason !== undefined) excluded.push({ node, reason });
  }
  return {
    pool: subject.pool.name,
    ip: subject.ip,
    advertisements: subject.advertisements.map(({ name }) => name),
    owner: ownerOf(subject, context),
    candidates: rank(candidatesAmong(alive, subject, context), subject.ip, context.sha256),
    excluded: excluded.sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}
