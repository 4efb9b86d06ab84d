import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectDir } from "../lab/start.ts";
import { type AdmissionDifference, admissionDifferences } from "./admission/admission-difference.ts";
import { historiesOf } from "./history/histories.ts";
import { type HistoryDifference, historyDifferences } from "./history/history-difference.ts";
import { modes } from "./manifest/manifest.ts";
import { scenariosOf } from "./manifest/scenario.ts";
import { type Questions, record, recordOnce } from "./recording.ts";
import { herald, metallb } from "./side.ts";

const { values } = parseArgs({
  options: {
    manifests: { type: "string", default: "2000" },
    histories: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    "quiet-ms": { type: "string", default: "700" },
  },
});

const scenarios = scenariosOf(values.seed, Number(values.manifests));
const histories = historiesOf(values.seed, Number(values.histories));
const admission: AdmissionDifference[] = [];
const history: HistoryDifference[] = [];
for (const mode of modes) {
  const questions: Questions = {
    mode,
    scenarios: scenarios.filter((scenario) => scenario.mode === mode),
    histories: mode === "native" ? histories : [],
    quietMs: Number(values["quiet-ms"]),
  };
  const theirs = await recordOnce(metallb, questions);
  const ours = await record(herald, questions);
  for (const scenario of questions.scenarios) {
    const [a, b] = [theirs.scenarios[scenario.id], ours.scenarios[scenario.id]];
    if (a === undefined || b === undefined) throw new Error("missing");
    admission.push(...admissionDifferences(scenario, a, b).differences);
  }
  for (const each of questions.histories) {
    const [a, b] = [theirs.histories[each.id], ours.histories[each.id]];
    if (a === undefined || b === undefined) throw new Error("missing");
    history.push(...historyDifferences(each, a, b).differences);
  }
}
mkdirSync(join(projectDir, ".build/differential"), { recursive: true });
writeFileSync(join(projectDir, ".build/differential/differences.json"), JSON.stringify({ admission, history }, undefined, 1));
console.log(admission.length, history.length);
