import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { benchArpUnderLoad } from "./arp-under-load.ts";
import { type BenchCluster, withHerald } from "./bench-cluster.ts";
import { benchChurn } from "./churn.ts";
import { benchFill } from "./fill.ts";
import { benchForeign } from "./foreign.ts";
import { benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchPeer } from "./peer.ts";
import { benchRest } from "./rest.ts";
import { benchTakeover } from "./takeover.ts";

type Bench = {
  readonly title: string;
  /** Services, where `--services` says nothing. */
  readonly count: number;
} & ({ readonly onHerald: OnHerald } | { readonly alone: (count: number) => Promise<void> });
type OnHerald = (cluster: BenchCluster, count: number) => Promise<void>;

/** Every bench prints its figures beside a limit or a peer that was measured in the same run. */
const benches: Readonly<Record<string, Bench>> = {
  fill: { title: "pending Services get their addresses", count: 1000, onHerald: benchFill },
  latency: { title: "one new Service on an idle cluster", count: 100, onHerald: benchLatency },
  arp: { title: "ARP while the Services are listed and compiled anew", count: 10_000, onHerald: benchArpUnderLoad },
  foreign: { title: "ARP requests for addresses of others", count: 1000, alone: benchForeign },
  churn: { title: "Services come and go", count: 1000, onHerald: benchChurn },
  takeover: { title: "the leading operator is stopped", count: 1000, onHerald: benchTakeover },
  memory: { title: "memory of the operator", count: 1000, onHerald: benchMemory },
  rest: { title: "requests while nothing changes", count: 1000, onHerald: benchRest },
  peer: { title: "MetalLB's controller", count: 1000, alone: benchPeer },
};

const options = { services: { type: "string" }, "one-lab": { type: "boolean" } } as const;
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const services = values.services === undefined ? undefined : Number(values.services);
const unknown = positionals.find((name) => benches[name] === undefined);
if (unknown !== undefined || (services !== undefined && !(Number.isInteger(services) && services > 0))) {
  console.error(`usage: node bench/main.ts [--services N] [--one-lab] [${Object.keys(benches).join("|")} ...]`);
  process.exit(2);
}
console.log(`Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}`);
const names = positionals.length > 0 ? positionals : Object.keys(benches);
// Thousands of Services take minutes to make: in one lab they are made once.
if (values["one-lab"]) await withHerald((cluster) => runAll(cluster));
else await runAll(undefined);

async function runAll(shared: BenchCluster | undefined): Promise<void> {
  for (const name of names) {
    const bench = benches[name];
    if (bench === undefined) continue;
    const count = services ?? bench.count;
    console.log(`\n${name}: ${bench.title} (${count})`);
    if ("alone" in bench) await bench.alone(count);
    else if (shared === undefined) await withHerald((cluster) => bench.onHerald(cluster, count));
    else await bench.onHerald(shared, count);
  }
}
