import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "../e2e/failover/fault.ts";
import { type FaultName, faults } from "../e2e/failover/fault-catalogue.ts";
import { Ground } from "../e2e/failover/ground.ts";
import { type RoundResult, storyOf } from "../e2e/failover/round-result.ts";
import { withWholeHerald } from "./bench-cluster.ts";
import { manyAddresses, spreadOf } from "./many-addresses.ts";
import { isFault } from "./matrix/cell.ts";
import { quantile } from "./statistics.ts";

export type FailoverOptions = {
  readonly nodes: number;
  readonly addresses: number;
  readonly rounds: number;
  /** Empty: all that a lab of this size can have. */
  readonly faults: readonly FaultName[];
  /** How long each fault stands; undefined: each for its own time. */
  readonly seconds: number | undefined;
};

const afterMs = 3000;

/** Each fault, round after round, in one lab; a client asks by ARP and opens a TCP connection every 5 ms. */
export async function benchFailover(options: FailoverOptions): Promise<void> {
  const { nodes, addresses, rounds } = options;
  const names = options.faults.length > 0 ? options.faults : Object.keys(faults).filter(isFault);
  await withWholeHerald({ nodes }, async (cluster) => {
    const ground = await Ground.prepare(cluster.lab);
    try {
      if (addresses > 1) {
        const watched = [ground.address, ...(await manyAddresses(cluster, addresses - 1))];
        await ground.askFor({ watched, asked: spreadOf(watched), askedPerTick: 5, connectTo: [ground.address] });
        await pause(5000); // statuses and events of so many Services are written first
      }
      for (const name of names) {
        const fault: Fault = faults[name];
        if (fault.nodes > nodes) continue;
        const lastsMs = options.seconds === undefined ? fault.lastsMs : options.seconds * 1000;
        const results: RoundResult[] = [];
        for (let round = 0; round < rounds; round++) results.push(await ground.round(fault, { lastsMs, afterMs }));
        console.log(`  ${name}: ${fault.title}`);
        for (const line of linesOf(results, fault.takesOver, addresses)) console.log(`    ${line}`);
        for (const result of results.filter(isOdd)) console.log(`    odd: ${storyOf(result, (mac) => ground.nodeOf(mac))}`);
      }
    } finally {
      await ground.stop();
    }
  });
}

/** Worth a look: the address went there and back more than once, or had two owners for long. */
function isOdd({ moves, contestedMs, oneOwnerAfterMs, takeoverMs = 0 }: RoundResult): boolean {
  return moves > 2 || contestedMs > 100 || oneOwnerAfterMs > 500 || takeoverMs > 700;
}

/** What all rounds of a fault came to, for people. */
function linesOf(results: readonly RoundResult[], takesOver: boolean, addresses: number): readonly string[] {
  const takeovers = results.flatMap(({ takeoverMs }) => takeoverMs ?? []);
  const firstRounds = results.flatMap(({ firstRoundMs, announced }) => (announced === addresses ? (firstRoundMs ?? []) : []));
  const worst = (value: (result: RoundResult) => number): string => Math.max(...results.map(value)).toFixed(0);
  const sum = (value: (result: RoundResult) => number): number => results.reduce((total, result) => total + value(result), 0);
  return [
    `another owner's first answer: ${summary(takeovers)}; none in ${results.length - takeovers.length} of ${results.length} rounds`,
    ...(takesOver && addresses > 1
      ? [
          `all ${addresses} addresses announced unasked: ${summary(firstRounds)}; not all in ${results.length - firstRounds.length}`,
        ]
      : []),
    `two owners at once, worst: ${worst(({ contestedMs }) => contestedMs)} ms during the fault, until ${worst(({ oneOwnerAfterMs }) => oneOwnerAfterMs)} ms after its end`,
    `moves at most ${worst(({ moves }) => moves)}, in all ${sum(({ moves }) => moves)}; longest silence ${worst(({ longestGapMs }) => longestGapMs)} ms`,
    `connections: ${sum(({ connects }) => connects.tried)} tried, ${sum(({ connects }) => connects.failed)} failed, ${sum(({ connects }) => connects.late)} at a second try; the client itself was late by at most ${worst(({ clientLateMs }) => clientLateMs)} ms`,
  ];
}

function summary(values: readonly number[]): string {
  if (values.length === 0) return "never";
  return `p50 ${quantile(values, 0.5).toFixed(0)} ms, worst ${Math.max(...values).toFixed(0)} ms (n ${values.length})`;
}
