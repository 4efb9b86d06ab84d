/** A difference that is meant, and where users read of it. */
export type Rule<Difference> = {
  readonly id: string;
  /** True for the differences of which this is the reason. */
  readonly explains: (difference: Difference) => boolean;
  /** Why it is so; one sentence. */
  readonly reason: string;
  /** First cell of the row of docs/differences.md that tells users. */
  readonly documented: string;
};

/** A difference with the rule that explains it; without one nobody meant it. */
export type Classified<Difference> = { readonly difference: Difference; readonly rule: Rule<Difference> | undefined };

/** Gives each difference the first rule that explains it. */
export function classify<Difference>(
  differences: readonly Difference[],
  rules: readonly Rule<Difference>[],
): readonly Classified<Difference>[] {
  return differences.map((difference) => ({ difference, rule: rules.find(({ explains }) => explains(difference)) }));
}

/** How often each rule was the reason, the most frequent first. */
export function tally<Difference>(classified: readonly Classified<Difference>[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { rule } of classified) if (rule !== undefined) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
