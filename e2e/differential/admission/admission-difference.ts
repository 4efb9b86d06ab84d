import type { Manifest, Mode } from "../manifest/manifest.ts";
import type { Request, Scenario } from "../manifest/scenario.ts";
import type { ScenarioAnswers } from "./dry-run.ts";
import type { Answer } from "./kubectl-answers.ts";
import { phrasesLost } from "./phrases.ts";

/** A write that the two sides judged differently, or refused in words that a script would miss. */
export type AdmissionDifference = {
  readonly scenario: string;
  readonly mode: Mode;
  readonly operation: Request["operation"];
  readonly manifest: Manifest;
  /** What the cluster held. */
  readonly stored: readonly Manifest[];
  readonly kind: "only Herald accepts" | "only MetalLB accepts" | "a phrase is missing";
  /** The refusal of the side that refuses; MetalLB's when a phrase is missing. */
  readonly refusal: string;
  /** Herald's refusal when both refuse. */
  readonly heraldsRefusal: string | undefined;
  readonly phrases: readonly string[];
};

/** Where two sides' answers to one scenario differ. When already the stored objects differ, the requests are not compared. */
export function admissionDifferences(
  scenario: Scenario,
  metallb: ScenarioAnswers,
  herald: ScenarioAnswers,
): { readonly differences: readonly AdmissionDifference[]; readonly compared: number } {
  const preparations: readonly Request[] = [
    ...scenario.base.map((manifest): Request => ({ operation: "create", manifest, faults: [] })),
    ...scenario.spoiled.map((manifest): Request => ({ operation: "replace", manifest, faults: [] })),
  ];
  const ground = between(scenario, preparations, [...metallb.base, ...metallb.spoiled], [...herald.base, ...herald.spoiled]);
  if (ground.some(({ kind }) => kind !== "a phrase is missing")) return { differences: ground, compared: 0 };
  const found = between(scenario, scenario.requests, metallb.requests, herald.requests);
  return { differences: [...ground, ...found], compared: scenario.requests.length };
}

/** The objects that a scenario's requests are tried against. */
export function storedIn({ base, spoiled }: Scenario): readonly Manifest[] {
  const replaced = new Map(spoiled.map((manifest) => [manifest.metadata.name, manifest]));
  return base.map((manifest) =>
    manifest.kind === "IPAddressPool" ? (replaced.get(manifest.metadata.name) ?? manifest) : manifest,
  );
}

function between(
  scenario: Scenario,
  requests: readonly Request[],
  metallb: readonly Answer[],
  herald: readonly Answer[],
): readonly AdmissionDifference[] {
  const stored = storedIn(scenario);
  return requests.flatMap(({ operation, manifest }, index): readonly AdmissionDifference[] => {
    const [theirs, ours] = [metallb[index], herald[index]];
    if (theirs === undefined || ours === undefined) throw new Error(`${scenario.id}: an answer is missing`);
    const where = {
      scenario: scenario.id,
      mode: scenario.mode,
      operation,
      manifest,
      stored,
      heraldsRefusal: undefined,
      phrases: [],
    };
    if (ours.accepted && !theirs.accepted) return [{ ...where, kind: "only Herald accepts", refusal: theirs.text }];
    if (theirs.accepted && !ours.accepted) return [{ ...where, kind: "only MetalLB accepts", refusal: ours.text }];
    if (theirs.accepted || ours.accepted) return [];
    const lost = phrasesLost(theirs.text, ours.text);
    if (lost.length === 0) return [];
    return [{ ...where, kind: "a phrase is missing", refusal: theirs.text, heraldsRefusal: ours.text, phrases: lost }];
  });
}
