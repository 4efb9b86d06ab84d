import type { Finding } from "./finding.ts";
import type { Identity } from "./identity.ts";
import { errorIn } from "./problem.ts";
import { compareSeniority, compareText, type Incumbents } from "./seniority.ts";

/** A draft of any kind. */
type Named = { readonly identity: Identity; readonly findings: readonly Finding[] };

/** The drafts of one kind. */
export type Collected<D> = {
  /** One for each name, by name. */
  readonly drafts: readonly D[];
  /** Everything that is said of each by itself. */
  readonly findings: readonly Finding[];
  readonly names: ReadonlySet<string>;
};

/**
 * Keeps one draft for each name: the API server keeps names unique, files and tests may not. Nameless ones all stay.
 * @param isSound of two with one name, the one that is sound stays.
 */
export function collect<D extends Named>(
  drafts: readonly D[],
  isSound: (draft: D) => boolean,
  incumbents: Incumbents,
): Collected<D> {
  const names = new Set<string>();
  const kept: D[] = [];
  const findings = drafts.flatMap((draft) => draft.findings);
  for (const draft of ordered(drafts, isSound, incumbents)) {
    const { name, ref } = draft.identity;
    if (name === "" || !names.has(name)) kept.push(draft);
    else {
      const what = `another ${ref.kind} is called "${name}" already: rename one`;
      findings.push(errorIn(ref, "DuplicateName", "metadata.name", what));
    }
    names.add(name);
  }
  return { drafts: kept.sort((a, b) => compareText(a.identity.name, b.identity.name)), findings, names };
}

function ordered<D extends Named>(drafts: readonly D[], isSound: (draft: D) => boolean, incumbents: Incumbents): readonly D[] {
  if (new Set(drafts.map(({ identity }) => identity.name)).size === drafts.length) return drafts;
  return drafts.toSorted(
    (a, b) =>
      Number(isSound(b)) - Number(isSound(a)) ||
      compareSeniority(a.identity, b.identity, incumbents) ||
      compareText(contentOf(a), contentOf(b)),
  );
}

/** Tells objects of one name apart, so that the order they came in does not. */
function contentOf(draft: unknown): string {
  return JSON.stringify(draft, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Set) return [...value];
    return value instanceof Map ? [...value] : value;
  });
}
