import { spawn } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutated } from "./mutant.ts";
import { nearestFirst } from "./nearest-first.ts";

export type Outcome = "killed" | "survived" | "timed out";

/** Milliseconds by the clock for each second of computing, beyond which a process counts as stuck. */
const patience = 30_000;

const firstFailure = fileURLToPath(new URL("./first-failure.ts", import.meta.url));

const notCopied: ReadonlySet<string> = new Set([".git", ".build", "dist", "node_modules"]);

/** A copy of the repository in which one mutant at a time is tried by the tests of its folder. */
export class Trial {
  readonly #copy: string;
  readonly #tests: readonly string[];

  /** @param folder relative to `root`; its own tests decide. */
  constructor(root: string, folder: string) {
    this.#copy = mkdtempSync(join(tmpdir(), "herald-mutation-"));
    for (const entry of readdirSync(root)) {
      if (!notCopied.has(entry)) cpSync(join(root, entry), join(this.#copy, entry), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.#copy, "node_modules"));
    this.#tests = globSync(`${folder}/**/*.test.ts`, { cwd: this.#copy }).sort();
  }

  get testFiles(): number {
    return this.#tests.length;
  }

  /** Runs the tests on the code as it is. */
  untouched(cpuSeconds: number): Promise<Outcome> {
    return this.#run(this.#tests, cpuSeconds);
  }

  async run(mutant: Mutant, cpuSeconds: number): Promise<Outcome> {
    const path = join(this.#copy, mutant.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, mutated(text, mutant));
    const outcome = await this.#run(nearestFirst(this.#tests, mutant.file), cpuSeconds);
    writeFileSync(path, text);
    return outcome;
  }

  remove(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }

  /**
   * All tests in one process, until one fails: starting one for each file takes longer than the tests. What does not end is known by the
   * time that it computes, since on a busy machine everything takes long by the clock.
   */
  #run(tests: readonly string[], cpuSeconds: number): Promise<Outcome> {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // it would take itself for a part of another run
    const limited = ["-c", 'ulimit -t "$0" && exec "$@"', String(cpuSeconds), process.execPath, firstFailure, ...tests];
    const cached = { ...env, NODE_COMPILE_CACHE: join(this.#copy, ".compiled") };
    const child = spawn("bash", limited, { cwd: this.#copy, stdio: "ignore", env: cached });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), cpuSeconds * patience);
      child.on("error", reject);
      child.on("exit", (status) => {
        clearTimeout(timer);
        resolve(status === null ? "timed out" : status === 0 ? "survived" : "killed");
      });
    });
  }
}
