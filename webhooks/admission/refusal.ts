import type { AdmissionRequest, Verdict } from "./request.ts";

/**
 * The answer to a request that could not be judged: nothing is admitted unseen.
 * @param problem what stood in the way.
 */
export function refusal({ kind, name }: AdmissionRequest, problem: string): Verdict {
  const task =
    kind === "IPAddressPool"
      ? `make sure that IPAddressPool "${name}" overlaps with no other`
      : `compare ${kind} "${name}" with what is stored`;
  return { allowed: false, code: 403, reasons: [`cannot ${task}: ${problem}. Nothing was stored; try again.`], warnings: [] };
}
