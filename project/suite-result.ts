/** What one suite came to; kept as JSON in `.build/test-results/<suite>.json`. */
export type SuiteResult = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `file: name` of each test that failed, and why. */
  readonly failures: readonly string[];
};

/** So much of a failure stands at the end of a run, where only the last lines of a log are shown. */
const reasonLines = 6;
const reasonLineLength = 600;

/** A test that failed, and the beginning of what it said: the seed of a property is in its second line. */
export function failure(file: string, name: string, error: Error): string {
  const reason = error.cause instanceof Error ? error.cause : error;
  const lines = reason.message.split("\n").slice(0, reasonLines);
  return [`${file}: ${name}`, ...lines.map((line) => `  ${line.slice(0, reasonLineLength)}`)].join("\n");
}

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
