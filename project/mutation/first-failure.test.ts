import { deepEqual, equal, notEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "herald-first-failure-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs tests, each in a file of its own, and says what ran. */
function outcome(...bodies: readonly string[]): { readonly status: number | null; readonly ran: readonly string[] } {
  const log = join(folder, "log");
  writeFileSync(log, "");
  const files = bodies.map((body, index) => {
    const file = join(folder, `${String(index)}.mjs`);
    const said = `(what) => appendFileSync(${JSON.stringify(log)}, what + "\\n")`;
    const imports = 'import { appendFileSync } from "node:fs";\nimport { after, test } from "node:test";\n';
    writeFileSync(file, `${imports}const say = ${said};\n${body}\n`);
    return file;
  });
  const program = fileURLToPath(new URL("./first-failure.ts", import.meta.url));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // it would take itself for a part of this run
  const { status } = spawnSync(process.execPath, [program, ...files], { env });
  return { status, ran: readFileSync(log, "utf8").split("\n").slice(0, -1) };
}

const passes = (name: string) => `test("passes", () => say("${name}"));`;
const fails = 'test("fails", () => { say("fails"); throw new Error("no"); });';

test("tests that pass all run, in the order given", () => {
  deepEqual(outcome(passes("first"), passes("second")), { status: 0, ran: ["first", "second"] });
});

test("after the first test that failed no other runs, but what cleans up does", () => {
  const cleans = 'after(() => say("cleaned up"));\n';
  const { status, ran } = outcome(`${cleans}${passes("first")}`, `${cleans}${fails}\n${passes("second")}`, passes("third"));
  equal(status, 1);
  deepEqual(
    ran.filter((what) => what !== "cleaned up"),
    ["first", "fails"],
  );
  equal(ran.length, 4, "both have cleaned up");
});

test("a file after the first test that failed is not loaded", () => {
  deepEqual(outcome(fails, 'say("loaded");').ran, ["fails"]);
});

test("a file that cannot be loaded is a failure", () => notEqual(outcome("throw new Error();").status, 0));
