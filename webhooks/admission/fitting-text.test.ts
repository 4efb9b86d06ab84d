import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fittingReasons, fittingWarnings } from "./fitting-text.ts";

const octets = (text: string) => Buffer.byteLength(text);

test("what fits is left as it is, in its order", () => {
  deepEqual(fittingWarnings(["b", "a", "ü".repeat(127)]), ["b", "a", "ü".repeat(127)]);
  deepEqual(fittingReasons(["two\nlines", "two\nlines"]), ["two\nlines", "two\nlines"]);
});

test("a warning is one line without control characters", () => {
  deepEqual(fittingWarnings(["first\n  second", "a\tb\u0000c\u007fd\u0085e"]), ["first; second", "a b c d e"]);
});

test("the same warning is given once", () => deepEqual(fittingWarnings(["a", "b", "a"]), ["a", "b"]));

test("a long warning is cut between characters and says that it goes on", () => {
  const [warning = ""] = fittingWarnings([`${"x".repeat(251)}😀😀`]);
  equal(warning, `${"x".repeat(251)}…`);
  const [exact = ""] = fittingWarnings([`${"x".repeat(255)}y`]);
  deepEqual([octets(exact), exact.at(-1)], [255, "…"]);
  deepEqual(fittingWarnings(["x".repeat(255)]), ["x".repeat(255)]);
});

for (const [character, kept] of [
  ["x", 252],
  ["é", 126],
  ["€", 84],
  ["😀", 63],
] as const)
  test(`of ${character} as many are kept as fit`, () =>
    deepEqual(fittingWarnings([character.repeat(300)]), [`${character.repeat(kept)}…`]));

test("warnings beyond what the API server takes are counted in the last one", () => {
  const all = Array.from({ length: 100 }, (_, n) => `${n} ${"x".repeat(90)}`);
  const given = fittingWarnings(all);
  const left = all.length - given.length + 1;
  equal(given.at(-1), `and ${left} more warnings`);
  deepEqual(given.slice(0, -1), all.slice(0, given.length - 1));
  ok(octets(given.join("")) < 4096);
});

test("reasons beyond what anybody reads are counted in the last one", () => {
  const given = fittingReasons(Array.from({ length: 100_000 }, (_, n) => `reason ${n}`));
  match(given.at(-1) ?? "", /^and \d+ more reasons$/);
  ok(octets(given.join("\n")) < 40_000);
  ok(octets(fittingReasons(["x".repeat(1_000_000)])[0] ?? "") <= 2_000);
});

test("whatever the texts are, each warning is shorter than 256 octets, all than 4096, and none has a control character", () => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
      const given = fittingWarnings(texts);
      for (const each of given) ok(octets(each) < 256 && !/\p{Cc}/u.test(each));
      ok(given.reduce((sum, each) => sum + octets(each), 0) < 4096);
    }),
  );
});
