import type { Condition, ConditionStatus } from "../../crds/types/kubernetes.ts";
import { sameJson } from "./api/merge-patch.ts";

export type { Condition, ConditionStatus };

/** A condition as a reconciler derives it: when it changed is not its business. */
export type DerivedCondition = Omit<Condition, "lastTransitionTime">;

/** The API server's limit for a condition's message. */
const maxMessage = 32_768;

/**
 * Conditions to be stored: `derived` laid over `old`, where conditions of other types stay. The transition time moves only
 * when the status does. Returns `old` itself when nothing differs.
 * @param now milliseconds since the epoch.
 */
export function mergeConditions(
  old: readonly Condition[] | undefined,
  derived: readonly DerivedCondition[],
  now: number,
): readonly Condition[] {
  const before = old ?? [];
  const types = new Set(derived.map((condition) => condition.type));
  const foreign = before.filter((condition) => !types.has(condition.type));
  const ours = derived.map((condition) => {
    const known = before.find((candidate) => candidate.type === condition.type);
    const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : rfc3339(now);
    return { ...condition, message: shorten(condition.message), lastTransitionTime };
  });
  const merged = [...foreign, ...ours].sort((a, b) => (a.type < b.type ? -1 : 1));
  const sorted = [...before].sort((a, b) => (a.type < b.type ? -1 : 1));
  return sameJson(merged, sorted) ? before : merged;
}

/** RFC 3339 in UTC with whole seconds, as metav1.Time is written. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Never ends with half of a character: the API server would store another one, and what it stores would never be what is wanted. */
function shorten(message: string): string {
  if (message.length <= maxMessage) return message;
  const cut = message.slice(0, maxMessage - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
