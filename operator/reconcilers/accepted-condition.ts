import { type Finding, textOfFinding } from "../../crds/config/finding.ts";
import { conditionTypes } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../framework/conditions.ts";

/**
 * Condition Accepted of one object: False as soon as one finding is an error, with everything that is wrong.
 * @param findings about this object only.
 * @param inForce whether an earlier, good generation is in force meanwhile.
 */
export function acceptedCondition(findings: readonly Finding[], generation: number, inForce: boolean): DerivedCondition {
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const base = { type: conditionTypes.accepted, observedGeneration: generation };
  if (first !== undefined) {
    const meanwhile = inForce ? "\nThe last valid version stays in force until this is mended." : "";
    return { ...base, status: "False", reason: first.code, message: `${textOf(errors)}${meanwhile}` };
  }
  return { ...base, status: "True", reason: "Valid", message: textOf(findings.filter(({ severity }) => severity === "warning")) };
}

/** Everything that some findings say, each on lines of its own. */
export function textOf(findings: readonly Finding[]): string {
  return findings.map(textOfFinding).join("\n");
}
