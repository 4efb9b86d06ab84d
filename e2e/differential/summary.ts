import { release } from "node:os";
import type { AdmissionDifference } from "./admission/admission-difference.ts";
import type { HistoryDifference } from "./history/history-difference.ts";
import { type Classified, type Rule, tally } from "./rule.ts";

/** How the writes of one kind were judged. */
export type KindCount = { accepted: number; refused: number; different: number };

/** The result of a run. */
export type Outcome = {
  readonly seed: string;
  readonly peer: string;
  readonly manifests: {
    /** Writes that were tried. */
    readonly asked: number;
    readonly compared: number;
    readonly byKind: ReadonlyMap<string, KindCount>;
    readonly differences: readonly Classified<AdmissionDifference>[];
  };
  readonly histories: {
    readonly played: number;
    /** Histories that were played once more, more patiently, for a difference without a reason. */
    readonly again: number;
    /** Histories in which the two sides stood alike to the end. */
    readonly toTheEnd: number;
    readonly steps: number;
    readonly compared: number;
    readonly differences: readonly Classified<HistoryDifference>[];
  };
};

/** Differences that no rule explains. */
export function unexplained({ manifests, histories }: Outcome): number {
  return [...manifests.differences, ...histories.differences].filter(({ rule }) => rule === undefined).length;
}

/** The page docs/differential.md. */
export function pageOf(outcome: Outcome, at: Date): string {
  const { seed, peer, manifests, histories } = outcome;
  const kinds = [...manifests.byKind].sort(([a], [b]) => (a < b ? -1 : 1));
  return `# The last differential run

${peer} and Herald, each in a lab of its own, were asked the same (\`make differential\`, seed ${seed}, ${at.toISOString().slice(0, 10)}, Node ${process.version}, Linux ${release()}). ${sentenceOf(unexplained(outcome))}
[Differences](differences.md) tells users what differs; the tables below count how often each reason was met.

## Manifests

${manifests.asked} writes of ${manifests.byKind.size} kinds were tried with \`kubectl --dry-run=server\` against random stored objects, half of them with
\`METALLB_BGP_TYPE=native\` and half with \`frr\`; ${manifests.compared} were compared. A difference is an object that only one side accepts, or a refusal of
Herald's without the phrase that scripts look for in MetalLB's.

| Kind | Both accept | Both refuse | Different |
|---|---|---|---|
${kinds.map(([kind, { accepted, refused, different }]) => `| ${kind} | ${accepted} | ${refused} | ${different} |`).join("\n")}

${reasonTable(manifests.differences)}

## Histories of Services

${histories.played} histories were played on both. After each step the addresses, the pool that a Service is told, the reasons of its events and the
pools' counters were compared, until the two sides stood differently: ${histories.compared} of ${histories.steps} steps, ${histories.toTheEnd} histories to their end.
${histories.again} histories were played once more, three times as patiently, since a difference had no reason.

${reasonTable(histories.differences)}
`;
}

function sentenceOf(count: number): string {
  return count === 0 ? "Every difference has a reason that is known." : `**${count} differences have no known reason.**`;
}

function reasonTable<Difference>(differences: readonly Classified<Difference>[]): string {
  const rules = new Map(differences.flatMap(({ rule }) => (rule === undefined ? [] : [[rule.id, rule] as const])));
  const rows = tally(differences).map(([id, times]) => `| ${id} | ${times} | ${(rules.get(id) as Rule<Difference>).reason} |`);
  const lost = differences.filter(({ rule }) => rule === undefined).length;
  return [
    "| Difference | Times | Reason |",
    "|---|---|---|",
    ...rows,
    ...(lost === 0 ? [] : [`| unexplained | ${lost} | |`]),
  ].join("\n");
}
