import { cpus, release } from "node:os";
import { benchArpUnderLoad } from "./arp-under-load.ts";
import { type BenchCluster, withHerald } from "./bench-cluster.ts";
import { benchFill } from "./fill.ts";
import { benchLatency } from "./latency.ts";

/** Every bench prints its figures beside a limit or a peer that was measured in the same run. */
const benches: Readonly<Record<string, { readonly title: string; run(cluster: BenchCluster): Promise<void> }>> = {
  fill: { title: "1,000 pending Services get their addresses", run: (cluster) => benchFill(cluster, 1000) },
  latency: { title: "one new Service on an idle cluster", run: (cluster) => benchLatency(cluster, 100) },
  arp: { title: "ARP while 10,000 Services are listed and compiled anew", run: (cluster) => benchArpUnderLoad(cluster, 10_000) },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => benches[name] === undefined);
if (unknown !== undefined) {
  console.error(`no bench "${unknown}"; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
console.log(`Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}`);
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  const bench = benches[name];
  if (bench === undefined) continue;
  console.log(`\n${name}: ${bench.title}`);
  await withHerald((cluster) => bench.run(cluster));
}
