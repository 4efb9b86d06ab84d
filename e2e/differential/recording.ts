import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";
import { projectDir } from "../lab/start.ts";
import { withLab } from "../lab/with-lab.ts";
import { removeConfiguration, type ScenarioAnswers, tryScenario } from "./admission/dry-run.ts";
import type { History } from "./history/history.ts";
import { type Played, Player } from "./history/play.ts";
import { namespaces } from "./history/service-item.ts";
import type { Mode } from "./manifest/manifest.ts";
import type { Scenario } from "./manifest/scenario.ts";
import { install, type Side } from "./side.ts";

/** What a side is asked, under one mode. */
export type Questions = {
  readonly mode: Mode;
  readonly scenarios: readonly Scenario[];
  readonly histories: readonly History[];
  readonly quietMs: number;
};

/** A side's answers, by the ids of scenarios and histories. */
export type Recording = {
  readonly scenarios: Readonly<Record<string, ScenarioAnswers>>;
  readonly histories: Readonly<Record<string, readonly Played[]>>;
};

/** Where recordings and results are kept. */
export const differentialDir = join(projectDir, ".build/differential");

/**
 * A side's answers. Each is kept as soon as it is there.
 * @param useKept take the kept answers when the same was asked before of the same program, installed by the same objects.
 */
export async function recordingOf(side: Side, questions: Questions, useKept: boolean): Promise<Recording> {
  if (questions.scenarios.length + questions.histories.length === 0) return { scenarios: {}, histories: {} };
  const asked = JSON.stringify([questions, await side.objects(questions.mode)]);
  const program = side.program === undefined ? "" : readFileSync(side.program);
  const hash = createHash("sha256").update(asked).update(program).digest("hex").slice(0, 16);
  const file = join(differentialDir, `${side.name}-${questions.mode}-${hash}.json`);
  let recording: Recording = { scenarios: {}, histories: {} };
  if (useKept && existsSync(file)) recording = JSON.parse(readFileSync(file, "utf8")) as Recording;
  const keep: Keep = ({ scenarios, histories }) => {
    recording = { scenarios: { ...recording.scenarios, ...scenarios }, histories: { ...recording.histories, ...histories } };
    mkdirSync(differentialDir, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(recording));
    renameSync(`${file}.new`, file);
  };
  const open: Questions = {
    ...questions,
    scenarios: questions.scenarios.filter(({ id }) => recording.scenarios[id] === undefined),
    histories: questions.histories.filter(({ id }) => recording.histories[id] === undefined),
  };
  if (open.scenarios.length + open.histories.length > 0) await record(side, open, keep);
  else say(`${side.name}, ${questions.mode}: answers as they were kept in ${file}`);
  return recording;
}

/** Adds answers to those that are kept. */
type Keep = (fresh: Partial<Recording>) => void;

/** Asks a side in a lab of its own. */
function record(side: Side, questions: Questions, keep: Keep): Promise<void> {
  const { mode, scenarios, histories } = questions;
  return withLab({}, async (lab) => {
    say(`${side.name}, ${mode}: installing`);
    await install(lab, side, mode);
    await createNamespaces(lab);
    for (const [index, scenario] of scenarios.entries()) {
      keep({ scenarios: { [scenario.id]: await tryScenario(lab, scenario) } });
      say(`${side.name}, ${mode}: scenario ${index + 1} of ${scenarios.length}`);
    }
    await removeConfiguration(lab);
    const player = new Player(lab.api, { quietMs: questions.quietMs + side.lateMs });
    for (const [index, history] of histories.entries()) {
      keep({ histories: { [history.id]: await patiently(() => player.play(history)) } });
      say(`${side.name}, ${mode}: history ${index + 1} of ${histories.length}`);
    }
    await player.close();
  });
}

/** Plays a history again that a stalled machine has interrupted. */
async function patiently<T>(play: () => Promise<T>, attempts = 3): Promise<T> {
  try {
    return await play();
  } catch (error) {
    if (attempts === 1) throw error;
    say(`once more: ${error instanceof Error ? error.message : String(error)}`);
    return await patiently(play, attempts - 1);
  }
}

async function createNamespaces({ api }: Lab): Promise<void> {
  for (const name of namespaces.filter((each) => each !== "default"))
    await api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

function say(text: string): void {
  console.error(`differential: ${text}`);
}
