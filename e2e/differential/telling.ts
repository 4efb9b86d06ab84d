import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdmissionDifference } from "./admission/admission-difference.ts";
import type { HistoryDifference } from "./history/history-difference.ts";
import { differentialDir } from "./recording.ts";
import { type Outcome, pageOf, unexplained } from "./summary.ts";

/** Prints every difference that nobody meant, and keeps all of them in files. */
export function tell(outcome: Outcome): void {
  const { manifests, histories } = outcome;
  mkdirSync(differentialDir, { recursive: true });
  writeFileSync(join(differentialDir, "last-run.md"), pageOf(outcome, new Date()));
  writeFileSync(join(differentialDir, "manifest-differences.json"), textOf(manifests.differences));
  writeFileSync(join(differentialDir, "history-differences.json"), textOf(histories.differences));
  for (const { rule, difference } of manifests.differences) if (rule === undefined) console.log(textOfAdmission(difference));
  for (const { rule, difference } of histories.differences) if (rule === undefined) console.log(textOfHistory(difference));
  const count = manifests.differences.length + histories.differences.length;
  console.log(
    `\n${manifests.compared} of ${manifests.asked} manifests and ${histories.compared} of ${histories.steps} steps compared: ` +
      `${count} differences, ${unexplained(outcome)} without a reason`,
  );
}

function textOfAdmission(difference: AdmissionDifference): string {
  const { scenario, mode, operation, manifest, kind, refusal, heraldsRefusal, phrases } = difference;
  return [
    `\n${kind}: ${operation} ${manifest.apiVersion} ${manifest.kind} ${manifest.metadata.name} (scenario ${scenario}, ${mode})`,
    `  ${JSON.stringify(manifest.spec)}`,
    `  ${refusal}`,
    ...(heraldsRefusal === undefined ? [] : [`  lacks ${phrases.join(", ")}: ${heraldsRefusal}`]),
  ].join("\n");
}

function textOfHistory(difference: HistoryDifference): string {
  const { history, index, step, kind, subject } = difference;
  const seen = (side: "had" | "metallb" | "herald"): string => {
    const { services, pools } = difference[side];
    return `  ${side}: ${JSON.stringify(services[subject] ?? pools[subject])}`;
  };
  const title = `\n${kind} of ${subject} after step ${index} of history ${history}: ${step.what}`;
  return [title, seen("had"), seen("metallb"), seen("herald")].join("\n");
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Map ? Object.fromEntries(inner) : inner), 1);
}
