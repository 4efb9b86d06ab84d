import type { Announceable } from "./announceable.ts";
import { foreignOwner } from "./coexistence.ts";
import type { Context } from "./context.ts";
import { candidatesAmong } from "./eligibility.ts";
import { elect } from "./l2-election.ts";

/** Who announces the Service's addresses. The same for every node that asks, whatever `context.self`. */
export type Owner =
  | { readonly by: "herald"; readonly node: string }
  /** MetalLB's speakers elected this node among themselves; ours are silent. */
  | { readonly by: "foreign"; readonly node: string }
  | { readonly by: "nobody" };

export function ownerOf(subject: Announceable, context: Context): Owner {
  const foreign = foreignOwner(subject, context);
  if (foreign !== undefined) return { by: "foreign", node: foreign };
  const node = elect(candidatesAmong(context.members.alive, subject, context), subject.ip, context.sha256);
  return node === undefined ? { by: "nobody" } : { by: "herald", node };
}
