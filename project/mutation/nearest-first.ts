/**
 * Test files in the order in which they likely notice a mistake in `file`: those named after it, then the others, and
 * properties, which take longest, last.
 */
export function nearestFirst(tests: readonly string[], file: string): readonly string[] {
  const stem = file.replace(/\.ts$/, "");
  const rank = (test: string) => (test.startsWith(`${stem}.`) ? 0 : test.endsWith(".property.test.ts") ? 2 : 1);
  return tests.toSorted((a, b) => rank(a) - rank(b));
}
