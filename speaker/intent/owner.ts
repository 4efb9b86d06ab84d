import type { Announceable } from "./announceable.ts";
import { type Candidacy, candidacyFor, memberExclusionOf } from "./candidates.ts";
import { foreignOwner } from "./coexistence.ts";
import type { ClusterContext } from "./context.ts";
import { exclusionOf } from "./eligibility.ts";
import { elect } from "./l2-election.ts";

/** Who announces the Service's addresses. The same for every node that asks, whatever `context.self`. */
export type Owner =
  | { readonly by: "herald"; readonly node: string }
  /** MetalLB's speakers elected this node among themselves; ours are silent. */
  | { readonly by: "foreign"; readonly node: string }
  | { readonly by: "nobody" };

export function ownerOf(subject: Announceable, context: ClusterContext): Owner {
  return ownerAmong(subject, candidacyFor(subject, context), context);
}

/** The same, where the candidacy is known already. */
export function ownerAmong(subject: Announceable, { candidates }: Candidacy, context: ClusterContext): Owner {
  const foreign = foreignOwner(subject, context);
  if (foreign !== undefined) return { by: "foreign", node: foreign };
  const node = elect(candidates, subject.ip, context.sha256);
  return node === undefined ? { by: "nobody" } : { by: "herald", node };
}

/**
 * Some node that may own the Service's addresses, the owner or not: as long as it may, somebody announces them. Undefined:
 * nobody does. Costs no hash.
 * @param hint is asked first, so that an answer can stay what it was.
 */
export function someOwner(subject: Announceable, context: ClusterContext, hint?: string): string | undefined {
  const { members, foreignSpeakers } = context;
  const memberMay = (node: string): boolean => memberExclusionOf(node, subject, context) === undefined;
  const foreignMay = (node: string): boolean => exclusionOf(node, subject, context) === undefined;
  if (hint !== undefined && members.alive.has(hint) && memberMay(hint)) return hint;
  if (hint !== undefined && foreignSpeakers.has(hint) && foreignMay(hint)) return hint;
  for (const node of members.alive) if (memberMay(node)) return node;
  for (const node of foreignSpeakers) if (foreignMay(node)) return node;
  return undefined;
}
