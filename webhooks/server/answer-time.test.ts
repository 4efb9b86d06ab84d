import { equal } from "node:assert/strict";
import { test } from "node:test";
import { answerWithinMs } from "./answer-time.ts";

const rules = [
  ["the API server's timeout", "timeout=10s", 8_000],
  ["a short timeout", "timeout=1500ms", 1_200],
  ["a timeout among other parameters", "a=b&timeout=5s&c", 4_000],
  ["a timeout beyond what the API server allows", "timeout=1h", 24_000],
  ["no timeout", "", 8_000],
  ["a timeout that is no duration", "timeout=soon", 8_000],
  ["a timeout of nothing", "timeout=0s", 8_000],
  ["a negative timeout", "timeout=-3s", 8_000],
] as const;
for (const [what, query, ms] of rules) test(`${what} leaves ${ms} ms for the answer`, () => equal(answerWithinMs(query), ms));
