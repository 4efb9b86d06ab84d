import { compareHistories, compareManifests, type Recordings } from "./comparison.ts";
import { historiesOf } from "./history/histories.ts";
import type { History } from "./history/history.ts";
import { modes } from "./manifest/manifest.ts";
import { scenariosOf } from "./manifest/scenario.ts";
import { type Questions, type Recording, recordingOf } from "./recording.ts";
import { herald, metallb } from "./side.ts";
import type { Outcome } from "./summary.ts";

export type RunOptions = {
  readonly seed: string;
  readonly manifests: number;
  readonly histories: number;
  /** A cluster is quiet when nothing has changed for so long. */
  readonly quietMs: number;
  /** Take Herald's kept answers too, and not only MetalLB's. */
  readonly useKept: boolean;
};

/** A lab is asked so many histories: what was answered is kept, so that an interrupted run loses little. */
const historiesOfLab = 50;

/**
 * Asks both sides the same and compares. Histories with a difference that nobody meant are played once more, three times as
 * patiently, so that a slow machine is not taken for a difference.
 */
export async function run({ seed, manifests, histories: count, quietMs, useKept }: RunOptions): Promise<Outcome> {
  const scenarios = scenariosOf(seed, manifests);
  const histories = historiesOf(seed, count);
  const asked = modes.map((mode): Questions => {
    return { mode, scenarios: scenarios.filter((scenario) => scenario.mode === mode), histories: [], quietMs };
  });
  const first = await recordAll([...asked, ...inLabs(histories, quietMs)], useKept);
  const suspects = suspectsAmong(histories, compareHistories(histories, first));
  const again = await recordAll(inLabs(suspects, 3 * quietMs), useKept);
  const settled = { metallb: joined(first.metallb, again.metallb), herald: joined(first.herald, again.herald) };
  return {
    seed,
    peer: "MetalLB 0.15.2",
    manifests: compareManifests(scenarios, first),
    histories: compareHistories(histories, settled),
  };
}

function inLabs(histories: readonly History[], quietMs: number): readonly Questions[] {
  return Array.from({ length: Math.ceil(histories.length / historiesOfLab) }, (_, lab) => {
    const part = histories.slice(lab * historiesOfLab, (lab + 1) * historiesOfLab);
    return { mode: "native", scenarios: [], histories: part, quietMs };
  });
}

/** Histories with a difference that no rule explains. */
function suspectsAmong(histories: readonly History[], { differences }: Outcome["histories"]): readonly History[] {
  const ids = new Set(differences.flatMap(({ rule, difference }) => (rule === undefined ? [difference.history] : [])));
  return histories.filter(({ id }) => ids.has(id));
}

/** MetalLB and Herald one after the other: one lab at a time. */
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
