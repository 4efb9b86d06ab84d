import { deepEqual } from "node:assert/strict";
import type { Step } from "./history-steps.ts";
import { HistoryWorld } from "./history-world.ts";
import { breaches } from "./laws.ts";

/** What is the same in all of one history. */
export type Setting = {
  /** The flag --lb-class. */
  readonly loadBalancerClass: string;
  /** For what is left to chance in the operator itself. */
  readonly seed: number;
};

/** Lets a history happen to a new world. @throws AssertionError that names the step after which a law was broken. */
export async function play(steps: readonly Step[], { loadBalancerClass, seed }: Setting): Promise<void> {
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
