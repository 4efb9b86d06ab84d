import { deepEqual } from "node:assert/strict";
import { globSync } from "node:fs";
import { test } from "node:test";
import { plans } from "./suites.ts";

/** Files that `make test` runs, as often as it does. */
const run = (plans.all ?? []).flatMap((suite) => (suite.kind === "tests" ? suite.globs.flatMap((glob) => globSync(glob)) : []));

test("every test file is in exactly one suite of make test", () => {
  const written = globSync(["**/*.{test,e2e}.ts"], { exclude: ["node_modules/**", "dist/**", ".build/**"] });
  deepEqual(run.sort(), written.sort());
});
