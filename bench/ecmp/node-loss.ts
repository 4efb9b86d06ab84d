import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { monotonicMs } from "../../e2e/failover/timeline.ts";
import { setCable } from "../../e2e/lab/network.ts";
import type { NodeHost, Topology } from "../../e2e/lab/topology.ts";
import { until } from "../../e2e/lab/until.ts";
import type { FarClient } from "../../e2e/routers/far-client.ts";
import { quantile } from "../statistics.ts";
import { type Loss, lossOf } from "./loss.ts";

/** A client behind a router that reaches one address over all nodes. */
export type Way = {
  readonly topology: Topology;
  readonly far: FarClient;
  readonly address: string;
  /** Whether every node is watched as it is to be. */
  readonly watched?: () => Promise<boolean>;
  /** Keeps what watches the node besides the router from calling it dead. */
  readonly hold?: (node: string, held: boolean) => void;
};

export type Rounds = {
  readonly name: string;
  readonly rounds: number;
  /** How long a node stays off: longer than its loss takes to be noticed. */
  readonly offMs: number;
};

const everyMs = 5;
const beforeMs = 1000;
/** Attempts end after four seconds. */
const resolvedMs = 4500;
/** A session that falls sooner after it came up is tried again later each time: what is measured is a loss, not a flap. */
const standsMs = 31_000;

/** Cuts the link of one node after another while the client connects 200 times a second, and prints what that cost each time. */
export async function loseNodes(way: Way, { name, rounds, offMs }: Rounds): Promise<void> {
  const losses: Loss[] = [];
  await allWays(way);
  const upSince = new Map(way.topology.nodes.map(({ name }) => [name, monotonicMs()]));
  for (let round = 0; round < rounds; round++) {
    const node = way.topology.nodes[round % way.topology.nodes.length];
    if (node === undefined) throw new Error("there is no node to lose");
    await pause(Math.max(0, (upSince.get(node.name) ?? 0) + standsMs - monotonicMs()));
    losses.push(await loseNode(way, node, offMs, round));
    await allWays(way);
    upSince.set(node.name, monotonicMs());
  }
  const [spans, lasts] = [losses.map(({ spanMs }) => spanMs), losses.map(({ lastAfterMs }) => lastAfterMs)];
  const line = (values: readonly number[]): string =>
    `half ${quantile(values, 0.5).toFixed(0)}, worst ${Math.max(...values).toFixed(0)} ms`;
  console.log(
    `  ${name}: from the first failed connection to the last ${line(spans)} (${spans.map((ms) => ms.toFixed(0)).join(", ")}); from the cut to the last ${line(lasts)} (n ${rounds}, load average ${loadavg()[0]?.toFixed(1)})`,
  );
  const sum = (value: (loss: Loss) => number): number => losses.reduce((total, loss) => total + value(loss), 0);
  console.log(`    ${sum(({ tried }) => tried)} connections, ${sum(({ failed }) => failed)} failed at the first try`);
}

/** Returns when the router has a way over every node, and the client an answer. */
async function allWays({ topology, far, address, watched }: Way): Promise<void> {
  const count = topology.nodes.length;
  await until(`the router has ${count} next hops`, 150_000, async () => (await far.nextHops(address)).length === count);
  if (watched !== undefined) await until("every node is watched", 30_000, watched);
  await far.answers(address, 20_000);
}

async function loseNode({ topology, far, address, hold }: Way, node: NodeHost, offMs: number, round: number): Promise<Loss> {
  await pause(beforeMs); // what was slow to come up is up at full speed
  const client = far.connecting([address], everyMs);
  await pause(beforeMs);
  hold?.(node.name, true);
  const cutAt = monotonicMs();
  await setCable(topology, node, false);
  await pause(offMs);
  const hops = await far.nextHops(address);
  if (hops.length !== topology.nodes.length - 1) throw new Error(`the router did not notice that ${node.name} is gone: ${hops}`);
  await pause(resolvedMs);
  await client.stop();
  await setCable(topology, node, true);
  hold?.(node.name, false);
  const { attempts, clientLateMs } = client.timeline;
  if (clientLateMs > 50) console.log(`    the client itself was late by ${clientLateMs.toFixed(0)} ms in round ${round + 1}`);
  return lossOf(attempts, cutAt);
}
