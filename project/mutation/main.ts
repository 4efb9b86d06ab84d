/**
 * Makes small mistakes in a folder's code, one at a time, and sees which of them its own tests notice:
 * `node project/mutation/main.ts operator/allocation --sample 120 --seed 1 [--cpu 20] [--at-least 80]`.
 * A mutant that computes longer than `--cpu` seconds is noticed too. The exit code is 1 when fewer than `--at-least`
 * percent are.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../sources.ts";
import { describe, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutators.ts";
import { sample } from "./sample.ts";
import { Parser } from "./syntax.ts";
import { type Outcome, Trial } from "./trial.ts";

type Candidate = { readonly mutant: Mutant; readonly line: string };

/** Mutants of the folder's code; tests, and what only tests use, are left out. */
function candidates(folder: string): readonly Candidate[] {
  const files = globSync(`${folder}/**/*.ts`, { cwd: root }).sort();
  const code = files.filter((file) => !/\.(test|e2e)\.ts$|(^|\/)(fake|fixture)\//.test(file));
  const parser = new Parser(root);
  try {
    return code.flatMap((file) => {
      const source = parser.parse(join(root, file));
      return mutantsOf(source, file).map((mutant) => ({ mutant, line: describe(source.text, mutant) }));
    });
  } finally {
    parser.close();
  }
}

async function tryAll(folder: string, drawn: readonly Candidate[], cpuSeconds: number): Promise<ReadonlyMap<string, Outcome>> {
  const trial = new Trial(root, folder);
  process.on("exit", () => trial.remove());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
  const outcome = await trial.untouched(cpuSeconds);
  if (trial.testFiles === 0 || outcome !== "survived") {
    throw new Error(`${folder}: its own tests must pass first, in ${cpuSeconds} s of computing (--cpu): they ${outcome}`);
  }
  const outcomes = new Map<string, Outcome>();
  for (const [index, { mutant, line }] of drawn.entries()) {
    const result = await trial.run(mutant, cpuSeconds);
    outcomes.set(line, result);
    console.log(`${String(index + 1).padStart(4)} of ${drawn.length}  ${result.padEnd(9)}  ${line}`);
  }
  return outcomes;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      cpu: { type: "string", default: "20" },
      "at-least": { type: "string", default: "0" },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error("name a folder, such as operator/allocation");
  const all = candidates(folder.replace(/\/+$/, ""));
  const drawn = sample(all, Number(values.sample), Number(values.seed));
  const outcomes = await tryAll(folder, drawn, Number(values.cpu));
  const survivors = [...outcomes].filter(([, outcome]) => outcome === "survived").map(([line]) => line);
  const late = [...outcomes.values()].filter((outcome) => outcome === "timed out").length;
  const noticed = outcomes.size - survivors.length;
  const percent = outcomes.size === 0 ? 0 : (100 * noticed) / outcomes.size;
  for (const line of survivors) console.log(`survived: ${line}`);
  console.log(
    `${folder}: ${outcomes.size} of ${all.length} mutants: ${noticed - late} killed, ${late} timed out, ` +
      `${survivors.length} survived: ${percent.toFixed(1)} % noticed`,
  );
  return percent >= Number(values["at-least"]) ? 0 : 1;
}

process.exitCode = await main();
