import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { yamlDocuments, yamlText } from "./yaml-documents.ts";

const read = (text: string, scalars?: "kubectl" | "text"): unknown => {
  const [document] = yamlDocuments(text, scalars);
  return document?.ok === true ? document.value : document;
};
const faults = (text: string) =>
  yamlDocuments(text).flatMap((document) => (document.ok ? [] : [`${document.line}: ${document.reason}`]));

test("scalars are what kubectl takes them for", () => {
  const text = "a: no\nb: on\nc: 010\nd: 64512:10\ne: 2026-01-01\nf: 1_000\ng: ~\nh: 'no'\ni: 0x1F\n";
  deepEqual(read(text), { a: false, b: true, c: 8, d: "64512:10", e: "2026-01-01", f: 1000, g: null, h: "no", i: 31 });
});

test("as text every scalar stays as it is written, and null is nothing", () => {
  deepEqual(read("a: no\nb: 010\nc: 64512\nd:\ne: null\nf: 'null'\n", "text"), {
    a: "no",
    b: "010",
    c: "64512",
    d: null,
    e: null,
    f: "null",
  });
});

for (const scalars of ["kubectl", "text"] as const)
  test(`anchors and merged mappings are resolved (${scalars})`, () => {
    deepEqual(read("base: &b {x: q}\nm:\n  <<: *b\n  z: w\n", scalars), { base: { x: "q" }, m: { x: "q", z: "w" } });
  });

test("documents come with their lines, and empty ones are left out", () => {
  const lines = yamlDocuments("a: 1\n---\n# nothing\n---\nb: 2\n").map(({ line }) => line);
  deepEqual(lines, [1, 5]);
});

const doubled = `kind: L2Advertisement
metadata: { name: l2 }
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
apiVersion: metallb.io/v1beta1
metadata:
  name: pool
spec: {}
`;

test("of two objects without a line --- between them, the one that kubectl would lose is named", () => {
  const [fault, ...others] = faults(doubled);
  match(fault ?? "", /^4: IPAddressPool "pool" begins without a line ---.* would lose L2Advertisement "l2" of line 1 .*"kind"/);
  equal(others.length, 0);
});

test("objects that run together are still read, each by itself", () => {
  const values = yamlDocuments(doubled).flatMap((document) => (document.ok ? [document.value] : []));
  deepEqual(values, [
    { kind: "L2Advertisement", metadata: { name: "l2" }, apiVersion: "metallb.io/v1beta1" },
    { kind: "IPAddressPool", apiVersion: "metallb.io/v1beta1", metadata: { name: "pool" }, spec: {} },
  ]);
});

test("of three objects that run together two are lost", () => {
  const object = (name: string) => `kind: IPAddressPool\nmetadata: { name: ${name} }\n`;
  deepEqual(
    faults(object("a") + object("b") + object("c")).map((fault) => /lose IPAddressPool "(.)"/.exec(fault)?.[1]),
    ["a", "b"],
  );
});

test("every other key that is there twice is named with both its lines", () => {
  const found = faults("kind: IPAddressPool\nspec:\n  addresses: [a]\n  autoAssign: true\n  addresses: [b]\nspec: {}\n");
  equal(found.length, 2);
  match(found[0] ?? "", /^6: the key "spec" is there twice, first in line 2/);
  match(found[1] ?? "", /^5: the key "addresses" is there twice, first in line 3/);
});

const unreadable: readonly (readonly [string, string, RegExp])[] = [
  ["an alias without its anchor", "a: *hunter12", /^1: a value that begins with \* stands for another one/],
  ["an unknown escape", 'a: "\\Uhunter12"', /^1: Invalid escape sequence$/],
  ["text behind a block's mark", "a: |hunter12\n  b", /^1: Block scalar header includes extra characters$/],
  ["an unknown version", "%YAML hunter12\n---\na: 1", /^1: a line begins with %/],
  ["a tag without its prefix", "a: !hunter12!x y", /^1: Could not resolve tag$/],
  ["a tab as indentation", "a:\n\thunter12: 1", /^2: Tabs are not allowed as indentation$/],
];
for (const [what, text, reason] of unreadable)
  test(`${what} is an error with its line and nothing of the text`, () => match(faults(text)[0] ?? "", reason));

test("text that is nested very deeply, or multiplies itself, is an error", () => {
  match(faults(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)[0] ?? "", /nested too deeply/);
  const bomb = ["a0: &a0 [x]"];
  for (let level = 1; level < 20; level++) bomb.push(`a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`);
  match(faults(bomb.join("\n"))[0] ?? "", /repeats itself too often/);
});

test("any text is read or refused, never thrown at the caller", () => {
  const pieces = fc.constantFrom(
    "a",
    ":",
    " ",
    "\n",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "*",
    "&b",
    "|",
    "'",
    '"',
    "---\n",
    "%",
    "!",
    "\t",
    "<<",
    "#",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.constantFrom("kubectl" as const, "text" as const), (parts, scalars) => {
      for (const { line } of yamlDocuments(parts.join(""), scalars)) ok(line >= 1);
    }),
    { numRuns: 500 },
  );
});

test("what is written is read back the same, whatever the strings look like", () => {
  const tricky = fc.constantFrom(
    "no",
    "y",
    "0123",
    "64512:10",
    "1:30",
    "0o17",
    "2026-01-01",
    "~",
    "1e3",
    "*a",
    "a: b",
    "#",
    "<<",
    "---",
  );
  const text = fc.oneof(tricky, fc.string());
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))), (object) => {
      deepEqual(read(yamlText([object])), { ...object });
    }),
  );
});

test("written documents are apart, and their keys sorted", () => {
  equal(yamlText([{ b: 1, a: { d: "x", c: ["z"] } }, { e: true }]), "a:\n  c:\n    - z\n  d: x\nb: 1\n---\ne: true\n");
});
