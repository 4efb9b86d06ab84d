import { equal } from "node:assert/strict";
import { test } from "node:test";
import { type Condition, mergeConditions } from "./conditions.ts";

const condition = (message: string) => ({ type: "Accepted", status: "False", reason: "Long", message }) as const;

/** As the API server stores a text: half a character is none. */
const stored = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.map((each) => ({ ...each, message: each.message.toWellFormed() }));

for (const [what, text] of [
  ["letters", "x".repeat(40_000)],
  ["characters of two halves", "🔑".repeat(20_000)],
  ["such characters that begin in between", `x${"🔑".repeat(20_000)}`],
] as const)
  test(`a message of too many ${what} is cut to what the API server takes, and is not written again for ever`, () => {
    const first = mergeConditions(undefined, [condition(text)], 0);
    const { length } = first[0]?.message ?? "";
    equal(length <= 32_768 && length >= 32_767, true, `${length} characters`);
    const kept = stored(first);
    equal(mergeConditions(kept, [condition(text)], 0), kept);
  });

test("a message that just fits is left as it is", () => {
  const text = "x".repeat(32_768);
  equal(mergeConditions(undefined, [condition(text)], 0)[0]?.message, text);
});
