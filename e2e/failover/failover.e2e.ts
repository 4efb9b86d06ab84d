import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import { type FaultName, faults } from "./fault-catalogue.ts";
import { Ground } from "./ground.ts";
import { type RoundResult, storyOf } from "./round-result.ts";

/** Wide, for a machine that does much else; the bench says how long it takes. */
const takeoverLimitMs = 2000;
const oneOwnerLimitMs = 3000;
/** For as long as a node that was found dead takes to become a candidate again, and more. */
const afterMs = 7000;

const takeovers = ["cut", "silent", "one-way-from", "one-way-to", "kill", "stop", "two-at-once"] as const;
const steadies = ["bystander", "filter", "loss-10", "hold-300"] as const;
/** Somebody is to answer again, however long it takes. */
const oneAtATime = ["filter-from-start", "filter-then-cut", "filter-after-death", "hold"] as const;
const contestLimitMs = 1000;

describe("failover", () => {
  const lab = installedLab();
  let ground: Ground;

  before(async () => {
    ground = await Ground.prepare(lab());
  });
  after(() => ground.stop());

  async function play(name: FaultName, report: (line: string) => void): Promise<RoundResult> {
    const fault = faults[name];
    const result = await ground.round(fault, { lastsMs: fault.lastsMs, afterMs });
    const { takeoverMs, contestedMs, oneOwnerAfterMs, moves, connects, clientLateMs } = result;
    const story = storyOf(result, (mac) => ground.nodeOf(mac));
    report(JSON.stringify({ takeoverMs, contestedMs, oneOwnerAfterMs, moves, connects, clientLateMs, story }));
    return result;
  }

  for (const name of takeovers)
    test(`${faults[name].title}: another node answers within ${takeoverLimitMs / 1000} s, and one alone afterwards`, async (context) => {
      const { takeoverMs, contestedMs, oneOwnerAfterMs } = await play(name, (line) => context.diagnostic(line));
      notEqual(takeoverMs, undefined, "no other node answered");
      ok((takeoverMs ?? 0) < takeoverLimitMs, `another node answered after ${takeoverMs} ms`);
      equal(contestedMs, 0, "two nodes answered during the fault");
      ok(oneOwnerAfterMs < oneOwnerLimitMs, `two nodes answered until ${oneOwnerAfterMs} ms after the repair`);
    });

  for (const name of steadies)
    test(`${faults[name].title}: the address stays where it is`, async (context) => {
      const { moves, contestedMs, oneOwnerAfterMs } = await play(name, (line) => context.diagnostic(line));
      deepEqual({ moves, contestedMs, oneOwnerAfterMs }, { moves: 0, contestedMs: 0, oneOwnerAfterMs: 0 });
    });

  for (const name of oneAtATime)
    test(`${faults[name].title}: one node at a time answers, then and afterwards`, async (context) => {
      const { takeoverMs, contestedMs, oneOwnerAfterMs } = await play(name, (line) => context.diagnostic(line));
      notEqual(takeoverMs, undefined, "no other node answered");
      equal(contestedMs, 0);
      ok(oneOwnerAfterMs < oneOwnerLimitMs, `two nodes answered until ${oneOwnerAfterMs} ms after the repair`);
    });

  test(`${faults.contest.title}: one of the two yields within a second`, async (context) => {
    const { contestedMs, oneOwnerAfterMs } = await play("contest", (line) => context.diagnostic(line));
    ok(contestedMs < contestLimitMs, `two nodes answered for ${contestedMs} ms`);
    ok(oneOwnerAfterMs < oneOwnerLimitMs, `two nodes answered until ${oneOwnerAfterMs} ms after the repair`);
  });

  test(`${faults.partition.title}: one node alone answers soon after they do again`, async (context) => {
    const { oneOwnerAfterMs } = await play("partition", (line) => context.diagnostic(line));
    ok(oneOwnerAfterMs < oneOwnerLimitMs, `two nodes answered until ${oneOwnerAfterMs} ms after the repair`);
  });

  test(`${faults.flap.title}: that costs two moves at most, and one node alone answers afterwards`, async (context) => {
    const { moves, oneOwnerAfterMs } = await play("flap", (line) => context.diagnostic(line));
    ok(moves <= 2, `${moves} moves`);
    ok(oneOwnerAfterMs < oneOwnerLimitMs, `two nodes answered until ${oneOwnerAfterMs} ms after the repair`);
  });
});
