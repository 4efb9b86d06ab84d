import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectDir } from "../lab/start.ts";
import { compareHistories, compareManifests, type Recordings } from "./comparison.ts";
import { historiesOf } from "./history/histories.ts";
import type { History } from "./history/history.ts";
import { modes } from "./manifest/manifest.ts";
import { scenariosOf } from "./manifest/scenario.ts";
import { differentialDir, type Questions, type Recording, recordingOf } from "./recording.ts";
import { herald, metallb } from "./side.ts";
import { type Outcome, pageOf, unexplained } from "./summary.ts";

const usage = `usage: node e2e/differential/main.ts [options]
  --manifests 2000   writes that are tried, without being stored
  --histories 200    histories of Services that are played
  --seed 1           the same seed makes the same manifests and histories
  --quiet-ms 1000    a cluster is quiet when nothing has changed for so long; three times as long when a history with a
                     difference that nobody meant is played once more, so that a slow machine is not taken for one
  --kept             compare the answers of the last run once more, Herald's too
MetalLB's answers are kept and not asked for again. The page docs/differential.md is written by a run with at least the
default numbers; whatever was found is in .build/differential.`;

/** What a run of the whole size asks. */
const whole = { manifests: 2000, histories: 200 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      manifests: { type: "string", default: String(whole.manifests) },
      histories: { type: "string", default: String(whole.histories) },
      seed: { type: "string", default: "1" },
      "quiet-ms": { type: "string", default: "1000" },
      kept: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [manifestCount, historyCount, quietMs] = [Number(values.manifests), Number(values.histories), Number(values["quiet-ms"])];
  if (values.help || ![manifestCount, historyCount, quietMs].every((count) => count >= 0)) {
    console.error(usage);
    return 2;
  }
  const scenarios = scenariosOf(values.seed, manifestCount);
  const histories = historiesOf(values.seed, historyCount);
  const asked: readonly Questions[] = [
    ...modes.map((mode) => ({ mode, scenarios: scenarios.filter((scenario) => scenario.mode === mode), histories: [], quietMs })),
    { mode: "native", scenarios: [], histories, quietMs },
  ];
  const first = await recordAll(asked, values.kept);
  const manifests = compareManifests(scenarios, first);
  const suspects = suspectsAmong(histories, compareHistories(histories, first));
  const again = await recordAll([{ mode: "native", scenarios: [], histories: suspects, quietMs: 3 * quietMs }], values.kept);
  const settled = { metallb: joined(first.metallb, again.metallb), herald: joined(first.herald, again.herald) };
  const outcome: Outcome = {
    seed: values.seed,
    peer: "MetalLB 0.15.2",
    manifests,
    histories: compareHistories(histories, settled),
  };
  tell(outcome);
  const isWhole = scenarios.length * 50 >= whole.manifests && histories.length >= whole.histories;
  if (isWhole) writeFileSync(join(projectDir, "docs/differential.md"), pageOf(outcome, new Date()));
  return unexplained(outcome) === 0 ? 0 : 1;
}

/** Histories with a difference that no rule explains. */
function suspectsAmong(histories: readonly History[], { differences }: Outcome["histories"]): readonly History[] {
  const ids = new Set(differences.flatMap(({ rule, difference }) => (rule === undefined ? [difference.history] : [])));
  return histories.filter(({ id }) => ids.has(id));
}

/** MetalLB and Herald one after the other, mode by mode: one lab at a time. */
async function recordAll(questions: readonly Questions[], useKept: boolean): Promise<Recordings> {
  const merged: { metallb: Recording; herald: Recording } = { metallb: nothing, herald: nothing };
  for (const each of questions) {
    merged.metallb = joined(merged.metallb, await recordingOf(metallb, each, true));
    merged.herald = joined(merged.herald, await recordingOf(herald, each, useKept));
  }
  return merged;
}

const nothing: Recording = { scenarios: {}, histories: {} };

function joined(a: Recording, b: Recording): Recording {
  return { scenarios: { ...a.scenarios, ...b.scenarios }, histories: { ...a.histories, ...b.histories } };
}

function tell(outcome: Outcome): void {
  const { manifests, histories } = outcome;
  mkdirSync(differentialDir, { recursive: true });
  writeFileSync(join(differentialDir, "last-run.md"), pageOf(outcome, new Date()));
  writeFileSync(join(differentialDir, "manifest-differences.json"), textOf(manifests.differences));
  writeFileSync(join(differentialDir, "history-differences.json"), textOf(histories.differences));
  for (const { rule, difference } of manifests.differences) {
    if (rule !== undefined) continue;
    const { scenario, mode, operation, manifest, kind, refusal, phrases } = difference;
    console.log(
      `\n${kind}: ${operation} ${manifest.kind} ${manifest.metadata.name} (scenario ${scenario}, ${mode}) ${phrases.join(", ")}`,
    );
    console.log(`  ${JSON.stringify(manifest.spec)}\n  ${refusal}`);
  }
  for (const { rule, difference } of histories.differences) {
    if (rule !== undefined) continue;
    const { history, index, step, kind, subject } = difference;
    console.log(`\n${kind} of ${subject} after step ${index} of history ${history}: ${step.what}`);
    for (const side of ["had", "metallb", "herald"] as const) {
      const seen = difference[side];
      console.log(`  ${side}: ${JSON.stringify(seen.services[subject] ?? seen.pools[subject])}`);
    }
  }
  const { asked, compared } = manifests;
  console.log(
    `\n${compared} of ${asked} manifests and ${histories.compared} of ${histories.steps} steps compared: ${manifests.differences.length + histories.differences.length} differences, ${unexplained(outcome)} without a reason`,
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Map ? Object.fromEntries(inner) : inner), 1);
}

process.exitCode = await main();
