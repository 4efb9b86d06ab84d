import type { Announceable } from "./announceable.ts";
import type { ClusterContext } from "./context.ts";
import { candidatesAmong } from "./eligibility.ts";
import { elect } from "./l2-election.ts";

/**
 * The node that MetalLB's speakers elect among themselves. They do not know ours, so where they have a winner it
 * answers, and ours must not. Undefined as soon as none of them may own the address.
 */
export function foreignOwner(subject: Announceable, context: ClusterContext): string | undefined {
  if (context.foreignSpeakers.size === 0) return undefined;
  return elect(candidatesAmong(context.foreignSpeakers, subject, context), subject.ip, context.sha256);
}
