import { type AdmissionDifference, admissionDifferences } from "./admission/admission-difference.ts";
import { knownAdmission } from "./admission/known-admission.ts";
import type { Answer } from "./admission/kubectl-answers.ts";
import type { History } from "./history/history.ts";
import { type HistoryDifference, historyDifferences } from "./history/history-difference.ts";
import { knownHistory } from "./history/known-history.ts";
import type { Scenario } from "./manifest/scenario.ts";
import type { Recording } from "./recording.ts";
import { classify } from "./rule.ts";
import type { KindCount, Outcome } from "./summary.ts";

/** Both sides' answers to all scenarios and histories. */
export type Recordings = { readonly metallb: Recording; readonly herald: Recording };

/** Compares scenario by scenario. @throws {Error} when a recording lacks one. */
export function compareManifests(scenarios: readonly Scenario[], { metallb, herald }: Recordings): Outcome["manifests"] {
  const differences: AdmissionDifference[] = [];
  const byKind = new Map<string, KindCount>();
  let compared = 0;
  for (const scenario of scenarios) {
    const [theirs, ours] = [at(metallb.scenarios, scenario.id), at(herald.scenarios, scenario.id)];
    const found = admissionDifferences(scenario, theirs, ours);
    differences.push(...found.differences);
    compared += found.compared;
    if (found.compared > 0) count(byKind, scenario, theirs.requests, ours.requests);
  }
  const asked = scenarios.reduce((sum, { requests }) => sum + requests.length, 0);
  return { asked, compared, byKind, differences: classify(differences, knownAdmission) };
}

/** What came of one playing of the histories. */
export type ComparedHistories = Omit<Outcome["histories"], "again">;

/** Compares history by history. @throws {Error} when a recording lacks one. */
export function compareHistories(histories: readonly History[], { metallb, herald }: Recordings): ComparedHistories {
  const differences: HistoryDifference[] = [];
  let [compared, toTheEnd] = [0, 0];
  for (const history of histories) {
    const found = historyDifferences(history, at(metallb.histories, history.id), at(herald.histories, history.id));
    differences.push(...found.differences);
    compared += found.steps;
    if (!found.parted) toTheEnd++;
  }
  const steps = histories.reduce((sum, history) => sum + history.steps.length, 0);
  return { played: histories.length, toTheEnd, steps, compared, differences: classify(differences, knownHistory) };
}

function count(
  byKind: Map<string, KindCount>,
  { requests }: Scenario,
  metallb: readonly Answer[],
  herald: readonly Answer[],
): void {
  for (const [index, { manifest }] of requests.entries()) {
    const counts = byKind.get(manifest.kind) ?? { accepted: 0, refused: 0, different: 0 };
    const [theirs, ours] = [metallb[index]?.accepted, herald[index]?.accepted];
    if (theirs !== ours) counts.different++;
    else if (theirs === true) counts.accepted++;
    else counts.refused++;
    byKind.set(manifest.kind, counts);
  }
}

function at<T>(recorded: Readonly<Record<string, T>>, id: string): T {
  const found = recorded[id];
  if (found === undefined) throw new Error(`the recording has no ${id}: run again`);
  return found;
}
