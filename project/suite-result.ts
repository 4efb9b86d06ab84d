/** What one suite came to; kept as JSON in `.build/test-results/<suite>.json`. */
export type SuiteResult = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `file: name` of each test that failed. */
  readonly failures: readonly string[];
};

/** Adds up; the line that a run of all suites ends with. */
export function sumLine(results: readonly SuiteResult[]): string {
  const total = (count: (result: SuiteResult) => number) => results.reduce((sum, result) => sum + count(result), 0);
  return `${total((r) => r.passed)} passed, ${total((r) => r.failed)} failed, ${total((r) => r.skipped)} skipped`;
}

/** A suite that ran no test at all has failed: its files are gone, or its pattern is wrong. */
export function notEmpty(result: SuiteResult): SuiteResult {
  if (result.passed + result.failed + result.skipped > 0) return result;
  return { ...result, failed: 1, failures: ["the suite ran no test"] };
}

/** For a step that either works or does not, such as lint. `outcome` is its exit status or the signal that ended it. */
export function stepResult(name: string, outcome: number | string): SuiteResult {
  if (outcome === 0) return { passed: 1, failed: 0, skipped: 0, failures: [] };
  return { passed: 0, failed: 1, skipped: 0, failures: [`${name} ended with ${outcome}`] };
}
