import { type ComparedHistories, compareHistories, compareManifests, type Recordings } from "./comparison.ts";
import { historiesOf } from "./history/histories.ts";
import type { History } from "./history/history.ts";
import { modes } from "./manifest/manifest.ts";
import { scenariosOf } from "./manifest/scenario.ts";
import { type Questions, type Recording, recordingOf } from "./recording.ts";
import { herald, metallb, type Side } from "./side.ts";
import type { Outcome } from "./summary.ts";

export type RunOptions = {
  readonly seed: string;
  readonly manifests: number;
  readonly histories: number;
  /** A cluster is quiet when nothing has changed for so long. */
  readonly quietMs: number;
  /** Ask Herald again what the same program has answered already. */
  readonly afresh: boolean;
};

/** A lab is asked so many histories: what was answered is kept, so that an interrupted run loses little. */
const historiesOfLab = 25;

/**
 * Asks both sides the same and compares. Histories with a difference that nobody meant are played once more, three times as
 * patiently, so that a slow machine is not taken for a difference.
 */
export async function run({ seed, manifests, histories: count, quietMs, afresh }: RunOptions): Promise<Outcome> {
  const scenarios = scenariosOf(seed, manifests);
  const histories = historiesOf(seed, count);
  const asked = modes.map((mode): Questions => {
    return { mode, scenarios: scenarios.filter((scenario) => scenario.mode === mode), histories: [], quietMs };
  });
  const first = await recordAll([...asked, ...inLabs(histories, quietMs)], afresh);
  const suspects = suspectsAmong(histories, compareHistories(histories, first));
  const again = await recordAll(inLabs(suspects, 3 * quietMs), afresh);
  const settled = { metallb: joined(first.metallb, again.metallb), herald: joined(first.herald, again.herald) };
  return {
    seed,
    peer: "MetalLB 0.15.2",
    manifests: compareManifests(scenarios, first),
    histories: { ...compareHistories(histories, settled), again: suspects.length },
  };
}

function inLabs(histories: readonly History[], quietMs: number): readonly Questions[] {
  return Array.from({ length: Math.ceil(histories.length / historiesOfLab) }, (_, lab) => {
    const part = histories.slice(lab * historiesOfLab, (lab + 1) * historiesOfLab);
    return { mode: "native", scenarios: [], histories: part, quietMs };
  });
}

/** Histories with a difference that no rule explains. */
function suspectsAmong(histories: readonly History[], { differences }: ComparedHistories): readonly History[] {
  const ids = new Set(differences.flatMap(({ rule, difference }) => (rule === undefined ? [difference.history] : [])));
  return histories.filter(({ id }) => ids.has(id));
}

/** Both sides at a time, since most of it is waiting: each in one lab after another. */
async function recordAll(questions: readonly Questions[], afresh: boolean): Promise<Recordings> {
  const [theirs, ours] = await Promise.allSettled([recordSide(metallb, questions, true), recordSide(herald, questions, !afresh)]);
  if (theirs.status === "rejected") throw theirs.reason;
  if (ours.status === "rejected") throw ours.reason;
  return { metallb: theirs.value, herald: ours.value };
}

async function recordSide(side: Side, questions: readonly Questions[], useKept: boolean): Promise<Recording> {
  let recording: Recording = { scenarios: {}, histories: {} };
  for (const each of questions) recording = joined(recording, await recordingOf(side, each, useKept));
  return recording;
}

function joined(a: Recording, b: Recording): Recording {
  return { scenarios: { ...a.scenarios, ...b.scenarios }, histories: { ...a.histories, ...b.histories } };
}
