import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { knownAdmission } from "./admission/known-admission.ts";
import { knownHistory } from "./history/known-history.ts";

const rules = [...knownAdmission, ...knownHistory];
const page = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8");
const firstCells = new Set([...page.matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell));

test("docs/differences.md has the row that each rule names", () => {
  ok(rules.length > 0);
  deepEqual(
    rules.filter(({ documented }) => !firstCells.has(documented)).map(({ id, documented }) => `${id}: ${documented}`),
    [],
  );
});

test("a rule's name is its own", () => equal(new Set(rules.map(({ id }) => id)).size, rules.length));
