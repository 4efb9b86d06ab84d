/**
 * Runs test files in one process, in the order given, and no test after the first that failed: that one is enough to
 * know, and to load the others takes longer than to run them. Hooks run to the end, so that nothing is left behind.
 * `node project/mutation/first-failure.ts FILE...`
 */
import { resolve } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";

let failed = false;
beforeEach(() => {
  if (failed) throw new Error("an earlier test has failed");
});
afterEach((context) => {
  if (!("passed" in context) || context.passed !== true) failed = true;
});
fc.configureGlobal({ endOnFailure: true }); // which example fails, and how small it can be, is of no use here
for (const file of process.argv.slice(2)) {
  await import(pathToFileURL(resolve(file)).href);
  await test(`all of ${file}`, () => undefined); // tests run one after the other: those of this file are over
  if (failed) break;
}
