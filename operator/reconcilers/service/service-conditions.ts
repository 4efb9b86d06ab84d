import type { Condition, Service } from "../../../crds/types/kubernetes.ts";
import { serviceConditions } from "../../../crds/types/well-known.ts";
import { describe } from "../../allocation/reason.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import { sameJson } from "../../framework/api/merge-patch.ts";
import { type DerivedCondition, mergeConditions } from "../../framework/conditions.ts";

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
 * Service that has what it asks for shows no condition Allocated: a condition here says what is wrong.
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
      const others = except(shown, "announced");
      return patchOf(shown, mergeConditions(others, [pending(verdict)], now));
    }
    case "keep":
    case "assign":
      return withoutCondition(service, "allocated");
  }
}

/** The same for a condition that is to go. */
export function withoutCondition({ status }: Service, type: keyof typeof serviceConditions): ConditionsPatch | undefined {
  const shown = status?.conditions ?? [];
  return patchOf(shown, except(shown, type));
}

function except(shown: readonly Condition[], unwanted: keyof typeof serviceConditions): readonly Condition[] {
  return shown.filter(({ type }) => type !== serviceConditions[unwanted]);
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

function pending({ unmet }: Verdict & { readonly outcome: "pending" }): DerivedCondition {
  const message = unmet.map(describe).join("\n");
  return { type: serviceConditions.allocated, status: "False", reason: unmet[0]?.code ?? "Pending", message };
}
