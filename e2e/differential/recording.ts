import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../lab/start.ts";
import { withLab } from "../lab/with-lab.ts";
import { removeConfiguration, type ScenarioAnswers, tryScenario } from "./admission/dry-run.ts";
import type { History } from "./history/history.ts";
import { type Played, Player } from "./history/play.ts";
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

const folder = join(projectDir, ".build/differential");
const bindNamespaces = ["team-a", "team-b"];

/** Asks a side in a lab of its own. Nothing to ask costs nothing. */
export async function record(side: Side, questions: Questions): Promise<Recording> {
  if (questions.scenarios.length + questions.histories.length === 0) return { scenarios: {}, histories: {} };
  return withLab({}, async (lab) => {
    say(`${side.name}, ${questions.mode}: installing`);
    await install(lab, side, questions.mode);
    for (const name of bindNamespaces)
      await lab.api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const scenarios: Record<string, ScenarioAnswers> = {};
    for (const [index, scenario] of questions.scenarios.entries()) {
      scenarios[scenario.id] = await tryScenario(lab, scenario);
      say(`${side.name}, ${questions.mode}: scenario ${index + 1} of ${questions.scenarios.length}`);
    }
    await removeConfiguration(lab);
    const player = new Player(lab.api, questions);
    const histories: Record<string, readonly Played[]> = {};
    for (const [index, history] of questions.histories.entries()) {
      histories[history.id] = await player.play(history);
      say(`${side.name}, ${questions.mode}: history ${index + 1} of ${questions.histories.length}`);
    }
    await player.close();
    return { scenarios, histories };
  });
}

/** As {@link record}, but the same questions are asked once only: for a side that does not change. */
export async function recordOnce(side: Side, questions: Questions): Promise<Recording> {
  const asked = JSON.stringify([questions, await side.objects(questions.mode)]);
  const hash = createHash("sha256").update(asked).digest("hex").slice(0, 16);
  const file = join(folder, `${side.name}-${questions.mode}-${hash}.json`);
  if (existsSync(file)) {
    say(`${side.name}, ${questions.mode}: its answers are known from ${file}`);
    return JSON.parse(readFileSync(file, "utf8")) as Recording;
  }
  const recording = await record(side, questions);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(recording));
  renameSync(`${file}.new`, file);
  return recording;
}

function say(text: string): void {
  console.error(`differential: ${text}`);
}
