/** True when both hold the same, or both are absent. */
export function equalSets(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every((member) => b.has(member));
}
