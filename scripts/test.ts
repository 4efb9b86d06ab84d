import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { failure, notEmpty, type SuiteResult, stepResult, sumLine } from "../project/suite-result.ts";
import { plans, type Suite } from "../project/suites.ts";

const results = ".build/test-results";

/** Runs one command to its end; a program that cannot start has failed too. */
function runStep(name: string, [program, ...args]: readonly [string, ...string[]]): Promise<SuiteResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => resolve(stepResult(name, error.message)));
    child.on("exit", (code, signal) => resolve(stepResult(name, code ?? signal ?? "no status")));
  });
}

/** Runs test files, each in its own process, and prints them as `node --test` does. */
async function runTests(suite: Extract<Suite, { kind: "tests" }>, stop: AbortSignal): Promise<SuiteResult> {
  const failures: string[] = [];
  let counts = { passed: 0, failed: 0, skipped: 0 };
  const files = suite.globs.flatMap((glob) => globSync(glob)).sort();
  const signal = AbortSignal.any([stop, AbortSignal.timeout(suite.timeoutMinutes * 60_000)]);
  const events = run({ files, concurrency: suite.concurrency, signal });
  events.on("test:fail", ({ name, file, details }) => {
    if (details.type !== "suite") failures.push(failure(file === undefined ? "?" : relative(".", file), name, details.error));
  });
  events.on("test:summary", ({ file, counts: { tests, passed, skipped, todo } }) => {
    if (file === undefined) counts = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
  });
  const printed = events.compose(spec);
  printed.pipe(process.stdout, { end: false });
  await finished(printed);
  return notEmpty({ ...counts, failed: Math.max(counts.failed, failures.length), failures });
}

async function main(): Promise<number> {
  const [planName = "all"] = process.argv.slice(2);
  const plan = plans[planName];
  if (plan === undefined) throw new Error(`no plan "${planName}"; there are ${Object.keys(plans).join(", ")}`);
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

  const all: SuiteResult[] = [];
  for (const suite of plan) {
    if (interrupted.signal.aborted) break;
    console.log(`\n== ${suite.name}`);
    const result = suite.kind === "step" ? await runStep(suite.name, suite.command) : await runTests(suite, interrupted.signal);
    await writeFile(`${results}/${suite.name}.json`, `${JSON.stringify(result)}\n`);
    all.push(result);
  }
  const cut = interrupted.signal.aborted ? [stepResult("the run", "an interruption")] : [];
  const sum = sumLine([...all, ...cut]);
  console.log("");
  for (const each of [...all, ...cut].flatMap((result) => result.failures)) console.log(`failed: ${each}`);
  await writeFile(`${results}/sum.txt`, `${sum}\n`);
  console.log(sum);
  return [...all, ...cut].every((result) => result.failed === 0) ? 0 : 1;
}

process.exitCode = await main();
