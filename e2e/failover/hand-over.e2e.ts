import { equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import { Ground } from "./ground.ts";
import { type HandOverName, handOvers } from "./hand-over.ts";
import { askSteadily, keptOpen, localService } from "./policies.ts";
import { storyOf } from "./round-result.ts";

const afterMs = 8000;
const silenceLimitMs = 250;

describe("addresses that are given away in good order", () => {
  const lab = installedLab();
  let ground: Ground;
  const addresses = { Cluster: "", Local: "" };

  before(async () => {
    ground = await Ground.prepare(lab());
    addresses.Cluster = ground.address;
    addresses.Local = await localService(lab());
  });
  after(() => ground.stop());

  for (const name of Object.keys(handOvers) as readonly HandOverName[])
    for (const policy of ["Cluster", "Local"] as const)
      test(`${handOvers[name].title}, policy ${policy}: no connection fails, and somebody answers all the time`, async (context) => {
        await askSteadily(ground, addresses[policy]);
        const { aim, lastsMs } = handOvers[name];
        const result = await ground.round({ aim }, { lastsMs, afterMs });
        const { connects, broken, moves, contestedMs, longestGapMs, clientLateMs } = result;
        const story = storyOf(result, (mac) => ground.nodeOf(mac));
        context.diagnostic(JSON.stringify({ connects, broken, keptOpen, moves, contestedMs, longestGapMs, clientLateMs, story }));
        equal(connects.failed, 0);
        // One that needs a second try has failed as well, but a machine that stands still can make one look so.
        ok(connects.late <= 5, `${connects.late} connections needed a second try`);
        ok(moves >= 1, "the address did not move");
        // Of a speaker that is killed the others know after 300 ms of silence.
        ok(longestGapMs < silenceLimitMs, `nobody answered for ${longestGapMs} ms`);
        ok(contestedMs < 1000, `two nodes answered for ${contestedMs} ms`);
      });
});
