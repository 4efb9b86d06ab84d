import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { benchArpUnderLoad } from "./arp-under-load.ts";
import { type BenchCluster, withHerald } from "./bench-cluster.ts";
import { benchChurn } from "./churn.ts";
import { benchFill } from "./fill.ts";
import { benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchRest } from "./rest.ts";
import { benchTakeover } from "./takeover.ts";

type Bench = {
  readonly title: string;
  /** Services, where `--services` says nothing. */
  readonly count: number;
  readonly run: (cluster: BenchCluster, count: number) => Promise<void>;
};

/** Every bench prints its figures beside a limit or a peer that was measured in the same run. */
const benches: Readonly<Record<string, Bench>> = {
  fill: { title: "pending Services get their addresses", count: 1000, run: benchFill },
  latency: { title: "one new Service on an idle cluster", count: 100, run: benchLatency },
  arp: { title: "ARP while the Services are listed and compiled anew", count: 10_000, run: benchArpUnderLoad },
  churn: { title: "Services come and go", count: 1000, run: benchChurn },
  takeover: { title: "the leading operator is stopped", count: 1000, run: benchTakeover },
  memory: { title: "memory of the operator", count: 1000, run: benchMemory },
  rest: { title: "requests while nothing changes", count: 1000, run: benchRest },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { services: { type: "string" } } });
const services = values.services === undefined ? undefined : Number(values.services);
const unknown = positionals.find((name) => benches[name] === undefined);
if (unknown !== undefined || (services !== undefined && !(Number.isInteger(services) && services > 0))) {
  console.error(`usage: node bench/main.ts [--services N] [${Object.keys(benches).join("|")} ...]`);
  process.exit(2);
}
console.log(`Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const bench = benches[name];
  if (bench === undefined) continue;
  const count = services ?? bench.count;
  console.log(`\n${name}: ${bench.title} (${count})`);
  await withHerald((cluster) => bench.run(cluster, count));
}
