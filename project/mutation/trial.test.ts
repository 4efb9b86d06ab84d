import { equal } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Mutant } from "./mutant.ts";
import { Trial } from "./trial.ts";

const root = mkdtempSync(join(tmpdir(), "herald-trial-"));
mkdirSync(join(root, "node_modules"));
mkdirSync(join(root, "code"));
const text = "export const limit = 3;\nexport const unused = 4;\n";
writeFileSync(join(root, "code/limit.ts"), text);
writeFileSync(
  join(root, "code/limit.test.ts"),
  'import { equal } from "node:assert/strict";\nimport { test } from "node:test";\nimport { limit } from "./limit.ts";\n' +
    'test("counts up to the limit", () => {\n  let n = 0;\n  while (n !== limit) n++;\n  equal(n, 3);\n});\n',
);
const trial = new Trial(root, "code");
after(() => {
  trial.remove();
  rmSync(root, { recursive: true, force: true });
});

const change = (before: string, replacement: string): Mutant => {
  const start = text.indexOf(before);
  return { file: "code/limit.ts", start, end: start + before.length, replacement };
};

test("code as it is passes its tests", async () => equal(await trial.untouched(60), "survived"));
test("a mutant that a test notices is killed", async () => equal(await trial.run(change("3", "5"), 60), "killed"));
test("a mutant that no test notices survives", async () => equal(await trial.run(change("4", "5"), 60), "survived"));
test("a mutant that does not end is stopped", async () => equal(await trial.run(change("3", "-1"), 3), "timed out"));
test("nothing is left of a mutant", async () => equal(await trial.untouched(60), "survived"));
