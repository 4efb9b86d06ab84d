import { deepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { mutated } from "./mutant.ts";
import { mutantsOf } from "./mutators.ts";
import { Parser } from "./syntax.ts";

const scratch = mkdtempSync(join(tmpdir(), "herald-mutators-"));
const parser = new Parser(scratch);
after(() => {
  parser.close();
  rmSync(scratch, { recursive: true, force: true });
});

const cases: readonly (readonly [name: string, code: string, ...mutants: readonly string[]])[] = [
  ["a comparison has its contrary, and its bound moves", "f(a < b)", "f(a <= b)", "f(a >= b)"],
  ["an equality has its contrary", "f(a === b)", "f(a !== b)"],
  ["and is or", "f(a && b)", "f(a || b)"],
  ["a default is left out", "f(a ?? b)", "f((a))"],
  ["a sum is a difference, unless it joins texts", 'f(a + b, "x" + c + d)', 'f(a - b, "x" + c + d)'],
  ["a negation is left out", "f(!a, -b)", "f(a, -b)", "f(!a, b)"],
  ["a step goes the other way", "f(a++, --b)", "f(a--, --b)", "f(a++, ++b)"],
  ["a boolean is the other one", "f(true, false)", "f(false, false)", "f(true, true)"],
  ["a number is one more", "f(0, 7n)", "f((0 + 1), 7n)", "f(0, (7n + 1n))"],
  ["a condition is its contrary", "f(a ? b : c)", "f(!(a) ? b : c)"],
  ["a comparison as a condition has one contrary", "f(a === b ? c : d)", "f(a !== b ? c : d)"],
  ["every is some", "f(a.every(b))", "f(a.some(b))"],
  ["a filter is left out", "f(a.filter(b))", "f(a)"],
  ["a method that every object has is left as it is", "f(a.toString())"],
];
for (const [name, code, ...expected] of cases) {
  test(name, () =>
    deepEqual(
      mutantsIn(`const x = ${code};\n`),
      expected.map((each) => `const x = ${each};\n`),
    ),
  );
}

test("a statement is left out, and so is one that leaves early", () => {
  deepEqual(mutantsIn("function f() {\n  if (a) return;\n  g();\n}\n"), [
    "function f() {\n  ;\n  g();\n}\n",
    "function f() {\n  if (!(a)) return;\n  g();\n}\n",
    "function f() {\n  if (a) return;\n  ;\n}\n",
  ]);
  deepEqual(mutantsIn("function f() {\n  if (a) g = h;\n  else return;\n}\n"), [
    "function f() {\n  if (!(a)) g = h;\n  else return;\n}\n",
    "function f() {\n  if (a) ;\n  else return;\n}\n",
  ]);
});

test("comments, types, texts and imports are left as they are", () => {
  const code =
    'import { a } from "b";\n/** 1 < 2 */ type T = 1 | true | { readonly x: 7 };\nconst x: 5 | T = y as 6; // a && b\n';
  deepEqual(mutantsIn(code), []);
});

function mutantsIn(text: string): readonly string[] {
  const file = join(scratch, `code-${files++}.ts`);
  writeFileSync(file, text);
  return mutantsOf(parser.parse(file), file).map((mutant) => mutated(text, mutant));
}
let files = 0;
