import { equal } from "node:assert/strict";
import { test } from "node:test";
import { cleanName, isObjectName } from "./legacy-name.ts";

const names: readonly (readonly [rule: string, name: string, clean: string | undefined])[] = [
  ["a name of lower-case letters, digits and dashes stays", "a-0-b", "a-0-b"],
  ["63 characters stay", `a${"0".repeat(62)}`, `a${"0".repeat(62)}`],
  ["what is longer is cut off", `a${"0".repeat(63)}`, `a${"0".repeat(62)}`],
  ["capitals become small", "Public", "public"],
  ["underscores become dashes", "my_pool", "my-pool"],
  ["everything before the first letter goes", "1_2-fast", "fast"],
  ["without a letter nothing stays", "10-20", undefined],
  ["a name is cut off before its letters are looked for", `${"0".repeat(63)}a`, undefined],
  ["other characters stay", "a.b c", "a.b c"],
  ["a dash at the end stays", "a-", "a-"],
];
for (const [rule, name, clean] of names) test(rule, () => equal(cleanName(name), clean));

test("an object's name is lower-case letters, digits, dashes and dots, and begins and ends with one of the first two", () => {
  for (const name of ["a", "a.b", "0-a", "a".repeat(253)]) equal(isObjectName(name), true, name);
  for (const name of ["", "A", "a-", "-a", "a..b", "a b", "a_b", "a".repeat(254)]) equal(isObjectName(name), false, name);
});
