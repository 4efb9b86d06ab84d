import type { AdmissionDifference } from "./admission/admission-difference.ts";
import type { HistoryDifference } from "./history/history-difference.ts";

/** A difference that is meant, and where users read of it. */
export type Known<Difference> = {
  readonly id: string;
  /** True for differences of which this is the reason. */
  readonly explains: (difference: Difference) => boolean;
  /** Why; one sentence. */
  readonly reason: string;
  /** First cell of the row of docs/differences.md that tells users. */
  readonly documented: string;
};

export const knownAdmission: readonly Known<AdmissionDifference>[] = [];

export const knownHistory: readonly Known<HistoryDifference>[] = [];
