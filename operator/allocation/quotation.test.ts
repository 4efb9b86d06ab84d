import { equal } from "node:assert/strict";
import { test } from "node:test";
import { cut, quote, quoteAll } from "./quotation.ts";

test("a text is quoted as JSON and Go do", () => equal(quote('a"b\n'), '"a\\"b\\n"'));

test("a long text is cut, a text that just fits is not", () => {
  equal(cut("abcdef", 5), "abcd…");
  equal(cut("abcde", 5), "abcde");
  equal(quote("x".repeat(101)), `"${"x".repeat(99)}…"`);
});

test("of a long list five are shown", () => {
  equal(quoteAll([]), "[]");
  equal(quoteAll(["a", "b"]), '["a" "b"]');
  equal(quoteAll(["a", "b", "c", "d", "e"]), '["a" "b" "c" "d" "e"]');
  equal(quoteAll(["a", "b", "c", "d", "e", "f"]), '["a" "b" "c" "d" "e" …]');
});
