import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { benchArpUnderLoad } from "./arp-under-load.ts";
import { type BenchCluster, withHerald } from "./bench-cluster.ts";
import { benchBfd } from "./bfd/flaps.ts";
import { benchBgp } from "./bgp.ts";
import { benchChurn } from "./churn.ts";
import { benchEcmp } from "./ecmp/ecmp.ts";
import { benchFill } from "./fill.ts";
import { benchForeign } from "./foreign.ts";
import { benchHandOver } from "./hand-over.ts";
import { benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchPeer } from "./peer.ts";
import { benchRest } from "./rest.ts";
import { benchRoutes } from "./routes.ts";
import { benchSpeaker, benchSpeakerAtRest, benchSpeakerFlooded } from "./speaker.ts";
import { speakerSides } from "./speaker-side.ts";
import { benchStarvation } from "./starvation.ts";
import { benchTakeover } from "./takeover.ts";

type Bench = {
  readonly title: string;
  /** Services, where `--services` says nothing; 0 for a bench that has sizes of its own. */
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
  handover: { title: "addresses given away in good order", count: 0, alone: () => benchHandOver(Number(values.rounds ?? 5)) },
  starvation: { title: "speakers without processor time and memory", count: 0, alone: benchStarvation },
  speaker: {
    title: "ARP answers and memory of a speaker, MetalLB's beside it",
    count: 1000,
    alone: (count) => benchSpeaker(count, sides),
  },
  flood: {
    title: "speakers that hear 20,000 requests a second for others",
    count: 10,
    alone: (count) => benchSpeakerFlooded(count, sides),
  },
  bgp: { title: "routes of a speaker, MetalLB's native one beside it", count: 1000, alone: (count) => benchBgp(count, sides) },
  routes: { title: "routes to one router, BIRD's beside Herald's, without a cluster", count: 0, alone: benchRoutes },
  bfd: {
    title: "BFD sessions that fall, those of FRR with BIRD beside Herald's",
    count: 10_000,
    alone: (count) => benchBfd(count, Number(values.seconds ?? 600)),
  },
  ecmp: { title: "one of three nodes behind a router is lost", count: 0, alone: () => benchEcmp(Number(values.rounds ?? 10)) },
  idle: { title: "CPU time of speakers while nothing changes", count: 1000, alone: (count) => benchSpeakerAtRest(count, sides) },
};

const text = { type: "string" } as const;
const options = {
  services: text,
  "one-lab": { type: "boolean" },
  rounds: text,
  seconds: text,
  only: text,
} as const;
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const { "one-lab": oneLab, only, ...numbers } = values;
/** Whose speakers are measured where both are, one after the other. */
const sides = speakerSides.filter(({ name }) => only === undefined || only === name.toLowerCase());
const services = values.services === undefined ? undefined : Number(values.services);
const unknown = positionals.find((name) => benches[name] === undefined);
if (unknown !== undefined || sides.length === 0 || Object.values(numbers).some((text) => !/^[1-9]\d*$/.test(text))) {
  console.error(
    `usage: node bench/main.ts [--services N] [--rounds N] [--seconds N] [--one-lab] [--only herald|metallb] [${Object.keys(benches).join("|")} ...]`,
  );
  process.exit(2);
}
console.log(`Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}`);
const names = positionals.length > 0 ? positionals : Object.keys(benches);
// Thousands of Services take minutes to make: in one lab they are made once.
if (oneLab) await withHerald((cluster) => runAll(cluster));
else await runAll(undefined);

async function runAll(shared: BenchCluster | undefined): Promise<void> {
  for (const name of names) {
    const bench = benches[name];
    if (bench === undefined) continue;
    const count = services ?? bench.count;
    console.log(`\n${name}: ${bench.title}${bench.count === 0 ? "" : ` (${count})`}`);
    if ("alone" in bench) await bench.alone(count);
    else if (shared === undefined) await withHerald((cluster) => bench.onHerald(cluster, count));
    else await bench.onHerald(shared, count);
  }
}
