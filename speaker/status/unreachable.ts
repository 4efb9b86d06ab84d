import { configurationState, heraldEventReasons } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import { type Shortcoming, shortcomingText } from "../intent/reason.ts";

/** A Service that a node announces, and what all nodes lack to be asked for its addresses. */
export type Unreachable = { readonly key: string; readonly ips: readonly string[]; readonly shortcoming: Shortcoming };

/** Named in the condition; the rest is a number. */
const named = 10;

const reasons: { readonly [shortcoming in Shortcoming]: string } = {
  noNodeHasInterface: heraldEventReasons.interfaceMissing,
  noNodeReachesSubnet: heraldEventReasons.subnetNotReached,
};

/** There while there is anything to say; its reason is the first one's. */
export function unreachableCondition(all: ReadonlyMap<string, Unreachable>): DerivedCondition | undefined {
  const first: Unreachable[] = [];
  for (const each of all.values()) {
    if (first.length === named) break;
    first.push(each);
  }
  const [one] = first;
  if (one === undefined) return undefined;
  const lines = first.map(({ key, ips, shortcoming }) => `${key} (${ips.join(", ")}): ${shortcomingText[shortcoming]}`);
  if (all.size > first.length) lines.push(`and ${all.size - first.length} more`);
  const type = configurationState.unreachableCondition;
  return { type, status: "True", reason: reasons[one.shortcoming], message: lines.join("\n") };
}
