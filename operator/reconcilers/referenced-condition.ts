import type { Finding } from "../../crds/config/finding.ts";
import { conditionTypes } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { textOf } from "./accepted-condition.ts";

const shownAtMost = 10;

/** Names for a message; of many, the first ten and how many more there are. */
export function shownNames(names: readonly string[]): string {
  if (names.length <= shownAtMost) return names.join(", ");
  return `${names.slice(0, shownAtMost).join(", ")} and ${names.length - shownAtMost} more`;
}

/**
 * Condition Referenced of an object that names others: False while one of them is not there.
 * @param findings about this object only.
 * @param whenResolved what to say when all are there.
 */
export function resolvedCondition(
  findings: readonly Finding[],
  generation: number,
  whenResolved: Pick<DerivedCondition, "status" | "reason" | "message">,
): DerivedCondition {
  const base = { type: conditionTypes.referenced, observedGeneration: generation };
  const pending = findings.filter(({ severity }) => severity === "pending");
  if (pending.length === 0) return { ...base, ...whenResolved };
  return { ...base, status: "False", reason: "ReferenceUnresolved", message: textOf(pending) };
}

/** The same of an advertisement, which names pools, and is of no use without one. */
export function advertisesCondition(
  findings: readonly Finding[],
  generation: number,
  pools: readonly string[],
): DerivedCondition {
  const none = {
    status: "False",
    reason: "NoPool",
    message: "No valid IPAddressPool is selected: nothing is announced.",
  } as const;
  const some = { status: "True", reason: "Resolved", message: `Announces ${shownNames(pools)}.` } as const;
  return resolvedCondition(findings, generation, pools.length === 0 ? none : some);
}

/** Condition Referenced of an object that others name: False while none of them does. @param what such as `BGPPeer`. */
export function usedCondition(generation: number, what: string, users: readonly string[]): DerivedCondition {
  const base = { type: conditionTypes.referenced, observedGeneration: generation };
  if (users.length > 0) return { ...base, status: "True", reason: "Used", message: `Used by ${what} ${shownNames(users)}.` };
  return { ...base, status: "False", reason: "NotUsed", message: `No valid ${what} names it: it has no effect.` };
}
