import type { AdmissionDifference } from "./admission/admission-difference.ts";
import type { HistoryDifference } from "./history/history-difference.ts";
import type { Rule } from "./rule.ts";

/** Why the two sides judge a write differently; the first rule that explains a difference is its reason. */
export const knownAdmission: readonly Rule<AdmissionDifference>[] = [];

/** Why the two sides make different things of a step. */
export const knownHistory: readonly Rule<HistoryDifference>[] = [];
