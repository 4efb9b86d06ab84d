import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { history, type Step } from "./fake/history-steps.ts";
import { HistoryWorld } from "./fake/history-world.ts";
import { breaches } from "./fake/laws.ts";

/** Every history takes a fifth of a second; HERALD_HISTORIES asks for more of them. */
const numRuns = Number(process.env["HERALD_HISTORIES"] ?? "60");

async function play(steps: readonly Step[], loadBalancerClass: string, seed: number): Promise<void> {
  const world = new HistoryWorld(loadBalancerClass, randomFrom(seed));
  const check = async (after: string): Promise<void> => {
    await world.quiet();
    deepEqual([...world.witness.complaints, ...(await breaches(world))], [], after);
    world.witness.guard();
  };
  try {
    await check("start");
    for (const { text, run, thenMs } of steps) {
      await run(world);
      if (thenMs === undefined) await check(text);
      else await world.wait(thenMs);
    }
    await check("the last step");
    await world.heal();
    await check("all is well again");
    await world.wait(40_000); // what is kept for deleted Services ends
    deepEqual(await world.writesWithin(120_000), [], "an operator at rest writes");
  } finally {
    await world.close();
  }
}

/** Park and Miller's generator: numbers that can be had again. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

test("whatever happens, the laws of addresses hold", () =>
  fc.assert(
    fc.asyncProperty(history, fc.constantFrom("", "", "metallb.io/lb,"), fc.nat(1_000_000), play),
    { numRuns },
  ));
