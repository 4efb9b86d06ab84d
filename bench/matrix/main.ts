import { rmSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Fault } from "../../e2e/failover/fault.ts";
import { faults } from "../../e2e/failover/fault-catalogue.ts";
import { Ground } from "../../e2e/failover/ground.ts";
import { storyOf } from "../../e2e/failover/round-result.ts";
import { install, waitUntilInstalled } from "../../e2e/installed-cluster.ts";
import type { Lab } from "../../e2e/lab/lab.ts";
import { until } from "../../e2e/lab/until.ts";
import { l2Advertisement, pool } from "../../e2e/manifests.ts";
import { metallbObjects } from "../../e2e/metallb/metallb.ts";
import { apply } from "../../e2e/observe.ts";
import { probedOften } from "../../e2e/workload.ts";
import { type BenchCluster, withBareCluster } from "../bench-cluster.ts";
import { manyAddresses, spreadOf } from "../many-addresses.ts";
import { type Cell, isFault, keyOf, type LabPlan, labPlans, type Program, programs, spanOf } from "./cell.ts";
import { ResultsFile } from "./results-file.ts";
import { tablesOf } from "./table.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ nodes: text, addresses: text, rounds: text, "peer-rounds": text, seconds: text, minutes: text },
    ...{ only: text, append: flag, table: flag, results: text },
  },
});
const {
  nodes = "2,3,5",
  addresses = "1,1000",
  rounds = "20",
  minutes = "600",
  results = ".build/failover-matrix.jsonl",
} = values;
const only = programs.filter((program) => values.only === undefined || program === values.only);
const unknown = positionals.find((name) => !isFault(name));
const bad = [nodes, addresses, rounds, minutes, values["peer-rounds"] ?? "1"].find(
  (list) => !/^[1-9]\d*(,[1-9]\d*)*$/.test(list),
);
if (unknown !== undefined || bad !== undefined || only.length === 0) {
  console.error(`usage: node bench/matrix/main.ts [--nodes 2,3,5] [--addresses 1,1000] [--rounds 20] [--peer-rounds 3]
    [--seconds N] [--minutes N] [--only herald|metallb] [--append] [--results FILE] [--table] [FAULT ...]
  faults: ${Object.keys(faults).join(", ")}`);
  process.exit(2);
}
if (!values.append && !values.table) rmSync(results, { force: true });
const file = new ResultsFile(results);
const endAt = performance.now() + Number(minutes) * 60_000;
const isOver = (): boolean => performance.now() >= endAt;
if (!values.table) await playAll();
console.log(
  `\n${new Date().toISOString()}, Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}\n`,
);
console.log(tablesOf(file.played));

async function playAll(): Promise<void> {
  const list = (numbers: string): readonly number[] => numbers.split(",").map(Number);
  const plans = labPlans(
    {
      programs: only,
      sizes: list(nodes).flatMap((count) => list(addresses).map((many) => ({ nodes: count, addresses: many }))),
      faults: (positionals.length > 0 ? positionals : Object.keys(faults)).filter(isFault),
      rounds: { herald: Number(rounds), metallb: Number(values["peer-rounds"] ?? 3) },
      seconds: values.seconds === undefined ? undefined : Number(values.seconds),
    },
    (cell) => file.count(cell),
  );
  for (const plan of plans) if (!isOver()) await withBareCluster({ nodes: plan.nodes }, (cluster) => playIn(cluster, plan));
  if (isOver()) console.log("the time is over: the same command with --append goes on from here");
}

async function playIn(cluster: BenchCluster, { addresses: many, cells }: LabPlan): Promise<void> {
  let made: readonly string[] | undefined;
  for (const program of programs) {
    const own = cells.filter(({ cell }) => cell.program === program);
    if (own.length === 0 || isOver()) continue;
    await installIn(cluster.lab, program);
    const ground = await Ground.prepare(cluster.lab);
    try {
      if (many > 1) {
        made ??= await manyAddresses(cluster, many - 1, program === "herald");
        const watched = [ground.address, ...made];
        const asked = program === "herald" ? spreadOf(watched) : [ground.address];
        await ground.askFor({ watched, asked, askedPerTick: Math.min(5, asked.length), connectTo: [ground.address] });
        await pause(5000); // statuses and events of so many Services are written first
      }
      for (const { cell, missing } of own) for (let round = 0; round < missing && !isOver(); round++) await play(ground, cell);
    } finally {
      await ground.stop();
    }
  }
}

async function installIn(lab: Lab, program: Program): Promise<void> {
  if (program === "herald") await install(lab);
  else await apply(lab, ...probedOften(await metallbObjects()));
  await waitUntilInstalled(lab);
  await until("the webhooks take a pool", 60_000, async () => {
    await apply(lab, pool("failover", ["172.30.0.200-172.30.0.209"]), l2Advertisement("failover", ["failover"]));
    return true;
  });
}

/** A round that cannot be played, since no single owner is found for a minute, is said and not kept. */
async function play(ground: Ground, cell: Cell): Promise<void> {
  const fault: Fault = faults[cell.fault];
  try {
    const { tenures, movedBefore: _, ...result } = await ground.round(fault, spanOf(cell));
    const story = storyOf({ tenures }, (mac) => ground.nodeOf(mac));
    file.add({ ...cell, ...result, at: new Date().toISOString(), load: loadavg()[0] ?? 0, story });
    console.log(
      `${keyOf(cell)}: ${result.takeoverMs?.toFixed(0) ?? "no takeover"}, contested ${result.contestedMs.toFixed(0)}, ${story}`,
    );
  } catch (error) {
    console.log(`${keyOf(cell)}: not played: ${error instanceof Error ? error.message : error}`);
  }
}
