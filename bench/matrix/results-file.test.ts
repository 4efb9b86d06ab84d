import { deepEqual, match } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Played, playedIn, ResultsFile } from "./results-file.ts";
import { tablesOf } from "./table.ts";

const round: Played = {
  ...{ program: "herald", nodes: 3, addresses: 1, fault: "cut" },
  ...{ at: "2026-01-01T00:00:00Z", load: 2, story: "n1 0–5, n2 320–3000" },
  ...{
    takeoverMs: 320,
    takeovers: [320],
    firstRoundMs: 318,
    announced: 1,
    contestedMs: 0,
    oneOwnerAfterMs: 0,
    longestGapMs: 315,
    moves: 1,
  },
  ...{ connects: { tried: 100, failed: 0, late: 9 }, broken: 0, clientLateMs: 3 },
};

test("what was played is known to the next run", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "herald-matrix-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "deeper", "results.jsonl");
  new ResultsFile(path).add(round);
  const again = new ResultsFile(path);
  deepEqual([again.count(round), again.count({ ...round, nodes: 5 })], [1, 0]);
  again.add(round);
  deepEqual(playedIn(readFileSync(path, "utf8")), [round, round]);
});

test("half a line, as a run that was killed leaves it, is left out", () => {
  const text = JSON.stringify(round);
  deepEqual(playedIn(`${text}\n${text.slice(0, 40)}`), [round]);
});

test("a row has the half and the worst of its rounds", () => {
  const rounds = [
    round,
    { ...round, takeovers: [400], oneOwnerAfterMs: 12, longestContestMs: 12 },
    { ...round, takeovers: [310] },
  ];
  match(
    tablesOf(rounds),
    /### 3 nodes, 1 address\n.*\| cut \| Herald \| 3 \| 320, 400 \| 0, 12, 12 \| 315 \| 1 at most, 3 in all \| 300, 0, 27 \| 2, 3 \|/s,
  );
});

test("for how long two owners answered at a stretch is not known where it was not counted", () => {
  match(tablesOf([round, { ...round, contestedMs: 90, oneOwnerAfterMs: 0 }]), /\| 90, 0, - \|/);
});

test("a round in which nobody took over is told", () => {
  match(tablesOf([round, { ...round, takeoverMs: undefined, takeovers: [] }]), /320, 320; never in 1/);
});
