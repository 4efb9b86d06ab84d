import { setTimeout as pause } from "node:timers/promises";
import { Ground } from "../e2e/failover/ground.ts";
import { gapsOf, movesOf, tenuresOf } from "../e2e/failover/tenure.ts";
import { heraldPods, logOf, pidOf } from "../e2e/herald-pods.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { type BenchCluster, withWholeHerald } from "./bench-cluster.ts";
import { changeEndpoints } from "./endpoint-changes.ts";
import { limitSpeakers, restraintsOf } from "./limited-speakers.ts";
import { manyAddresses } from "./many-addresses.ts";
import { memoryOf } from "./process-memory.ts";
import { startSpinners } from "./spinners.ts";

type Ration = { readonly cpu: string; readonly memory: string; readonly services: number };

const rations: readonly Ration[] = [
  { cpu: "100m", memory: "100Mi", services: 100 },
  { cpu: "500m", memory: "256Mi", services: 1000 },
];
const spinners = 8;
const spinSeconds = 60;
const changesPerSecond = 200;
const changeSeconds = 20;

/** Speakers that get too little: 8 spinning processes beside them for a minute; then limits, as users set them. */
export async function benchStarvation(): Promise<void> {
  await withWholeHerald({}, async (cluster) => {
    const ground = await Ground.prepare(cluster.lab);
    try {
      await ground.settled();
      await watched(cluster, ground, `${spinners} spinning processes for ${spinSeconds} s`, spin);
    } finally {
      await ground.stop();
    }
  });
  for (const ration of rations) await withWholeHerald({}, (cluster) => onRation(cluster, ration));
}

async function onRation(cluster: BenchCluster, { cpu, memory, services }: Ration): Promise<void> {
  const { lab } = cluster;
  console.log(`  limits of ${cpu} and ${memory}, ${services} Services`);
  const ground = await Ground.prepare(lab);
  try {
    const addresses = await manyAddresses(cluster, services - 1);
    await ground.askFor({ watched: [ground.address, ...addresses], asked: [ground.address] });
    await watched(cluster, ground, "one after another starts anew, within the limits", async () => {
      await limitSpeakers(lab, { cpu, memory });
      await pause(10_000);
    });
    await watched(cluster, ground, "at rest for 20 s", () => pause(20_000));
    await watched(cluster, ground, "everything is read anew", async () => {
      await lab.restartApiServer({ downForMs: 500 });
      await pause(20_000);
    });
    const burst = `${changesPerSecond} endpoint changes a second for ${changeSeconds} s`;
    await watched(cluster, ground, burst, () => changeOthers(cluster, services - 1));
  } finally {
    await ground.stop();
  }
}

/** Runs `disturb` and prints what the client and the kernel saw of it. */
async function watched({ lab }: BenchCluster, ground: Ground, what: string, disturb: () => Promise<void>): Promise<void> {
  const before = await standing(lab);
  ground.client.forget();
  await disturb();
  const { timeline } = ground.client;
  const tenures = tenuresOf(timeline.sightings, ground.address, 100);
  const longest = Math.max(0, ...gapsOf(tenures).map(({ from, to }) => to - from));
  const answers = timeline.sightings.filter(({ unasked }) => !unasked).length;
  const after = await standing(lab);
  console.log(`    ${what}: ${movesOf(tenures)} changes of owner, ${answers} answers, longest silence ${longest.toFixed(0)} ms`);
  console.log(
    `      ${after.restarts - before.restarts} restarts, ${Math.max(0, after.withdrawals - before.withdrawals)} announcements ended, ${after.oomKills} killed for memory, throttled in ${after.throttled} of ${after.periods} periods so far, memory at most ${after.peak.toFixed(0)} MiB; the client was late by at most ${timeline.clientLateMs.toFixed(0)} ms`,
  );
}

type Standing = Readonly<Record<"restarts" | "withdrawals" | "oomKills" | "throttled" | "periods" | "peak", number>>;

/** Sums over the speakers that run now, since each began; the highest memory of any. */
async function standing(lab: Lab): Promise<Standing> {
  const pods = await heraldPods(lab, "speaker");
  const restraints = await restraintsOf(lab);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    restarts: sum(pods.map(({ restarts }) => restarts)),
    withdrawals: sum(pods.map((pod) => logOf(lab, pod).match(/\bwithdrawn\b/g)?.length ?? 0)),
    oomKills: sum(restraints.map(({ oomKills }) => oomKills)),
    throttled: sum(restraints.map(({ throttledPeriods }) => throttledPeriods)),
    periods: sum(restraints.map(({ periods }) => periods)),
    peak: Math.max(...pods.map((pod) => memoryOf(pidOf(lab, pod)).peak)),
  };
}

async function spin(): Promise<void> {
  const stop = startSpinners(spinners);
  await pause(spinSeconds * 1000);
  stop();
}

/** The Service that is asked for is left alone. */
async function changeOthers({ api }: BenchCluster, services: number): Promise<void> {
  const endpoints = Array.from({ length: services }, (_, index) => ({
    service: `many${index}`,
    endpoint: { address: "172.30.0.1" },
  }));
  await changeEndpoints(api, endpoints, { perSecond: changesPerSecond, seconds: changeSeconds });
}
