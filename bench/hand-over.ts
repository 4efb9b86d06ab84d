import { Ground } from "../e2e/failover/ground.ts";
import { type HandOverName, handOvers } from "../e2e/failover/hand-over.ts";
import { askSteadily, keptOpen, localService } from "../e2e/failover/policies.ts";
import type { RoundResult } from "../e2e/failover/round-result.ts";
import { withWholeHerald } from "./bench-cluster.ts";

const afterMs = 8000;

/**
 * The owner gives its addresses away in good order, for each traffic policy: of 100 connections a second the ones that fail, and of
 * 20 that are in use the ones that break.
 */
export async function benchHandOver(rounds: number): Promise<void> {
  await withWholeHerald({}, async ({ lab }) => {
    const ground = await Ground.prepare(lab);
    try {
      const addresses = { Cluster: ground.address, Local: await localService(lab) };
      for (const name of Object.keys(handOvers) as readonly HandOverName[])
        for (const policy of ["Cluster", "Local"] as const) {
          await askSteadily(ground, addresses[policy]);
          const { title, aim, lastsMs } = handOvers[name];
          const results: RoundResult[] = [];
          for (let round = 0; round < rounds; round++) results.push(await ground.round({ aim }, { lastsMs, afterMs }));
          console.log(`  ${name}, policy ${policy}: ${title} (${rounds} rounds)`);
          print(results);
        }
    } finally {
      await ground.stop();
    }
  });
}

function print(results: readonly RoundResult[]): void {
  const sum = (value: (result: RoundResult) => number): number => results.reduce((total, result) => total + value(result), 0);
  const worst = (value: (result: RoundResult) => number): string => Math.max(...results.map(value)).toFixed(0);
  const { tried, failed, late } = {
    tried: sum(({ connects }) => connects.tried),
    failed: sum(({ connects }) => connects.failed),
    late: sum(({ connects }) => connects.late),
  };
  console.log(`    connections: ${tried} tried, ${failed} failed, ${late} at a second try; ${sum(({ moves }) => moves)} moves`);
  console.log(`    connections in use: ${sum(({ broken }) => broken)} broke, of ${keptOpen} at each move`);
  console.log(
    `    two owners at once for at most ${worst(({ contestedMs }) => contestedMs)} ms; longest silence ${worst(({ longestGapMs }) => longestGapMs)} ms`,
  );
}
