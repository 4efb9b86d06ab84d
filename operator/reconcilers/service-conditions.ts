import type { Condition, Service } from "../../crds/types/kubernetes.ts";
import { serviceConditions } from "../../crds/types/well-known.ts";
import { describe } from "../allocation/reason.ts";
import type { Verdict } from "../allocation/verdict.ts";
import { type DerivedCondition, mergeConditions } from "../framework/conditions.ts";
import { sameJson } from "../framework/merge-patch.ts";

const ours: readonly string[] = Object.values(serviceConditions);

/** The condition of one of our types that a Service shows. */
export function conditionOf({ status }: Service, type: keyof typeof serviceConditions): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === serviceConditions[type]);
}

/** Whether a Service shows a condition of ours. */
export function hasOwnConditions({ status }: Service): boolean {
  return status?.conditions?.some(({ type }) => ours.includes(type)) ?? false;
}

/**
 * What a merge patch of a Service's status has to hold so that the conditions suit a verdict; undefined when they do. A
 * Service that gets what it asks for gets no condition: True is only written over False.
 * @param now milliseconds since the epoch.
 */
export function conditionsPatch(service: Service, verdict: Verdict, now: number): ConditionsPatch | undefined {
  const shown = service.status?.conditions ?? [];
  switch (verdict.outcome) {
    case "ignore":
    case "clear":
      return patchOf(
        shown,
        shown.filter(({ type }) => !ours.includes(type)),
      );
    case "pending": {
      // Without an address there is nothing to announce.
      const others = shown.filter(({ type }) => type !== serviceConditions.announced);
      return patchOf(shown, mergeConditions(others, [pending(verdict)], now));
    }
    case "keep":
    case "assign":
      return conditionOf(service, "allocated")?.status === "False" ? withCondition(service, allocated, now) : undefined;
  }
}

/** The same for one condition beside all others. */
export function withCondition({ status }: Service, condition: DerivedCondition, now: number): ConditionsPatch | undefined {
  const shown = status?.conditions ?? [];
  return patchOf(shown, mergeConditions(shown, [condition], now));
}

/** The whole list, those of others included: a merge patch replaces lists. */
export type ConditionsPatch = { readonly conditions: readonly Condition[] | null };

function patchOf(shown: readonly Condition[], wanted: readonly Condition[]): ConditionsPatch | undefined {
  if (sameJson(shown, wanted)) return undefined;
  return { conditions: wanted.length === 0 ? null : wanted };
}

const allocated: DerivedCondition = {
  type: serviceConditions.allocated,
  status: "True",
  reason: "Allocated",
  message: "The Service has its addresses.",
};

function pending({ unmet }: Verdict & { readonly outcome: "pending" }): DerivedCondition {
  const message = unmet.map(describe).join("\n");
  return { type: serviceConditions.allocated, status: "False", reason: unmet[0]?.code ?? "Pending", message };
}
