import { cpus, loadavg } from "node:os";
import { heraldPods } from "../../e2e/herald-pods.ts";
import { until } from "../../e2e/lab/until.ts";
import { apply } from "../../e2e/observe.ts";
import type { Router } from "../../e2e/routers/router.ts";
import { startRouter } from "../../e2e/routers/start-router.ts";
import { type BenchCluster, stopKubeProxies, withBareCluster } from "../bench-cluster.ts";
import { fillAnnounced } from "../filled.ts";
import { limitSpeakers, restraintsOf } from "../limited-speakers.ts";
import { heraldSide, prepareForSpeakers, startSpeakers } from "../speaker-side.ts";
import { startSpinners } from "../spinners.ts";
import { type FallCounts, fallCounts, heraldFalls } from "./falls.ts";
import { PacketRecord, type Pauses } from "./pauses.ts";
import { advertisementOf, keepReconciling } from "./reconciling.ts";
import {
  addAddresses,
  addressOf,
  type End,
  ends,
  farEnd,
  heraldObjects,
  neighborName,
  pairs,
  players,
  routerOf,
  settings,
} from "./triangle.ts";

type Condition = {
  readonly title: string;
  readonly spinners: number;
  /** Of the speaker, as a Pod's limit. FRR and BIRD have none. */
  readonly cpu?: string;
};

const conditions: readonly Condition[] = [
  { title: `${cpus().length} spinning processes`, spinners: cpus().length },
  { title: "500m of CPU for the speaker", spinners: 0, cpu: "500m" },
];

type Ground = BenchCluster & { readonly routers: ReadonlyMap<End["self"], Router> };

/**
 * How often BFD sessions that were up fall while a speaker has little CPU time and `count` Services to reconcile: those of Herald with
 * FRR and with BIRD, and beside them those of FRR with BIRD. And how long each program's packets failed to come at most: the rest to the
 * detection time is what was left.
 */
export async function benchBfd(count: number, seconds: number): Promise<void> {
  await withBareCluster({ nodes: 1, family: "ipv4" }, async (cluster) => {
    const { lab } = cluster;
    await stopKubeProxies(lab);
    await addAddresses(lab.topology);
    const routers = new Map<End["self"], Router>();
    try {
      for (const [player, kind] of [
        ["FRR", "frr"],
        ["BIRD", "bird"],
      ] as const) {
        const { machine, description } = routerOf(player);
        routers.set(player, await startRouter(lab, machine, kind, description));
      }
      await prepareForSpeakers(lab, heraldSide);
      await apply(lab, ...heraldObjects());
      await fillAnnounced(cluster, count, advertisementOf(0));
      await startSpeakers(lab, heraldSide);
      await allRoutes(routers, count);
      for (const condition of conditions) await benchCondition({ ...cluster, routers }, condition, count, seconds);
    } finally {
      for (const router of routers.values()) await router.daemons.kill();
    }
  });
}

async function benchCondition(
  ground: Ground,
  { title, spinners, cpu }: Condition,
  count: number,
  seconds: number,
): Promise<void> {
  const { lab, routers } = ground;
  if (cpu !== undefined) await limitSpeakers(lab, { cpu });
  await allUp(routers);
  const stopSpinning = startSpinners(spinners);
  const record = new PacketRecord(lab.topology);
  const before = await fallCounts(lab, routers);
  const known = (await heraldFalls(lab)).length;
  const steps = await keepReconciling(ground, count, seconds);
  const load = loadavg()[0]?.toFixed(1);
  const after = await fallCounts(lab, routers);
  stopSpinning();
  const pauses = await record.pauses();
  console.log(`  ${title}, ${count} Services reconciled, ${seconds} s (load average ${load})`);
  for (const line of linesOf(before, after, pauses)) console.log(`    ${line}`);
  for (const { at, from, to, cause } of (await heraldFalls(lab)).slice(known)) {
    const during = steps.findLast((step) => step.at <= Date.parse(at))?.what;
    console.log(`    Herald at ${at}, while ${during}: ${from} > ${to}: ${cause}`);
  }
  for (const { throttledPeriods, periods } of await restraintsOf(lab))
    if (periods > 0) console.log(`    the speaker was throttled in ${throttledPeriods} of ${periods} periods since it began`);
  const restarts = (await heraldPods(lab, "speaker")).reduce((sum, pod) => sum + pod.restarts, 0);
  if (restarts > 0) console.log(`    the speaker was restarted ${restarts} times`);
}

/** For each setting: how often each pair's session fell, by the end that counted more; and the longest pause of each program. */
function linesOf(before: FallCounts, after: FallCounts, pauses: Pauses): readonly string[] {
  const fell = (end: End): number => (after.get(end) ?? 0) - (before.get(end) ?? 0);
  return settings.map((setting) => {
    const falls = pairs.map(([self, other]) => {
      const [one, two] = ends.filter(
        (end) => end.setting === setting && [self, other].every((player) => [end.self, end.other].includes(player)),
      );
      return `${self} with ${other} ${Math.max(...[one, two].map((end) => (end === undefined ? 0 : fell(end))))}`;
    });
    const longest = players.map((player) => {
      const own = ends.filter((end) => end.setting === setting && end.self === player);
      const worst = Math.max(...own.map((end) => pauses.get(`${addressOf(end)} > ${addressOf(farEnd(end))}`) ?? Number.NaN));
      return `${player} ${worst.toFixed(0)}`;
    });
    return `${setting.name}: falls of ${falls.join(", ")}; longest pause in ms: ${longest.join(", ")}`;
  });
}

async function allUp(routers: Ground["routers"]): Promise<void> {
  await until("every session is up at both ends", 120_000, async () => {
    for (const end of ends) {
      const view = await routers.get(end.self)?.bfd(neighborName(end));
      if (end.self !== "Herald" && view?.state !== "Up") return false;
    }
    return true;
  });
}

async function allRoutes(routers: Ground["routers"], count: number): Promise<void> {
  for (const end of ends.filter(({ other }) => other === "Herald"))
    await until(`${end.self} has ${count} routes of ${neighborName(end)}`, 120_000, async () => {
      return ((await routers.get(end.self)?.session(neighborName(end)))?.prefixes ?? 0) >= count;
    });
}
