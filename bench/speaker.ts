import { setTimeout as pause } from "node:timers/promises";
import type { Lab } from "../e2e/lab/lab.ts";
import { kubeconfigPath } from "../e2e/lab/state.ts";
import { until } from "../e2e/lab/until.ts";
import { withLab } from "../e2e/lab/with-lab.ts";
import { createKubeClient, type KubeClient, loadKubeConfig } from "../operator/framework/api/kube-client.ts";
import { systemClock } from "../operator/framework/system-clock.ts";
import { ArpProber } from "./arp-prober.ts";
import { stopKubeProxies } from "./bench-cluster.ts";
import { fillAnnounced, filledAddresses } from "./filled.ts";
import { cpuSecondsOf, forgetPeak, memoryOf } from "./process-memory.ts";
import { prepareForSpeakers, type SpeakerSide, startSpeakers, statusCount, stopSpeakers } from "./speaker-side.ts";
import { report } from "./statistics.ts";

const askedPerSecond = 1000;
const asked = 10_000;
const floodPerSecond = 20_000;
const floodSeconds = 20;
const restSeconds = 60;
/** Addresses on the segment that nobody announces. */
const foreign = Array.from({ length: 1000 }, (_, index) => `172.30.${100 + (index >> 8)}.${index & 255}`);

/** A speaker on the first node of a lab that has `count` announced Services, and what measures it. */
type Bench = {
  readonly lab: Lab;
  readonly api: KubeClient;
  readonly prober: ArpProber;
  readonly side: SpeakerSide;
  readonly addresses: readonly string[];
  readonly pids: ReadonlyMap<string, number>;
};

/**
 * For each of the two speakers with `count` addresses: latency of its ARP answers at 1,000 requests a second, the kernel's own
 * beside it; resident memory at rest and, at the peak, while everything is read anew.
 */
export async function benchSpeaker(count: number, sides: readonly SpeakerSide[]): Promise<void> {
  await forEachSide({ nodes: 1, count, sides }, async (bench) => {
    const { lab, addresses } = bench;
    await pause(15_000);
    printMemory(bench, "after the start");
    const { answers, kernel } = await askBoth(bench);
    report(`${bench.side.name}, ${addresses.length} addresses`, answers);
    report("kernel's own answer, asked in turn", kernel);
    for (const pid of bench.pids.values()) forgetPeak(pid);
    await lab.restartApiServer({ downForMs: 500 });
    await pause(30_000);
    printMemory(bench, "everything read anew");
  });
}

/** CPU time while 20,000 requests a second ask for what nobody has, and latency of answers meanwhile. */
export async function benchSpeakerFlooded(count: number, sides: readonly SpeakerSide[]): Promise<void> {
  await forEachSide({ nodes: 1, count, sides }, async ({ lab, prober, side, addresses, pids }) => {
    const [pid = 0] = pids.values();
    const flooder = new ArpProber(lab);
    await pause(5_000);
    const before = cpuSecondsOf(pid);
    const [sent, latencies] = await Promise.all([
      flooder.flood(foreign, floodPerSecond, floodSeconds),
      prober.load(addresses, 100 * floodSeconds, 100),
    ]);
    const used = cpuSecondsOf(pid) - before;
    flooder.close();
    console.log(`  ${side.name}: ${used.toFixed(2)} s of CPU in ${floodSeconds} s, ${sent} requests for others`);
    report(`${side.name}, its own addresses meanwhile`, latencies);
  });
}

/** CPU time of speakers on three nodes over a minute in which nothing changes. */
export async function benchSpeakerAtRest(count: number, sides: readonly SpeakerSide[]): Promise<void> {
  await forEachSide({ nodes: 3, count, sides }, async ({ api, side, pids }) => {
    await until("every announcement has its status object", 240_000, async () => (await statusCount(api)) >= count);
    await pause(10_000);
    const before = new Map([...pids].map(([node, pid]) => [node, cpuSecondsOf(pid)]));
    await pause(restSeconds * 1000);
    for (const [node, pid] of pids) {
      const used = cpuSecondsOf(pid) - (before.get(node) ?? 0);
      const share = ((100 * used) / restSeconds).toFixed(2);
      console.log(`  ${side.name} on ${node}: ${used.toFixed(2)} s of CPU in ${restSeconds} s, ${share} % of a core`);
    }
  });
}

type Comparison = { readonly nodes: number; readonly count: number; readonly sides: readonly SpeakerSide[] };

async function forEachSide({ nodes, count, sides }: Comparison, measure: (bench: Bench) => Promise<void>): Promise<void> {
  await withLab({ nodes, family: "ipv4" }, async (lab) => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfigPath(lab.topology.id), env: {}, clock: systemClock });
    const api = createKubeClient({ access });
    const prober = new ArpProber(lab);
    const addresses = filledAddresses(count);
    try {
      await stopKubeProxies(lab);
      await prepareForSpeakers(lab);
      await fillAnnounced({ api, lab }, count);
      for (const side of sides) {
        const startedAt = performance.now();
        const pids = await startSpeakers(lab, side);
        await allAnswer(prober, addresses);
        console.log(`  ${side.name}: all answer ${((performance.now() - startedAt) / 1000).toFixed(1)} s after it was applied`);
        await measure({ lab, api, prober, side, addresses, pids });
        if (side !== sides.at(-1)) await stopSpeakers(lab, api);
      }
    } finally {
      prober.close();
      api.close();
    }
  });
}

/** Every other request is for the node's own address, so that both sides of the comparison meet the same moments. */
async function askBoth({ lab, prober, addresses }: Bench): Promise<Record<"answers" | "kernel", readonly number[]>> {
  const node = lab.topology.nodes[0]?.addresses[0] ?? "";
  const targets = addresses.flatMap((address) => [address, node]);
  const latencies = await prober.load(targets, 2 * asked, 2 * askedPerSecond);
  const every = (parity: number): readonly number[] => latencies.filter((_, index) => index % 2 === parity);
  return { answers: every(0), kernel: every(1) };
}

async function allAnswer(prober: ArpProber, addresses: readonly string[]): Promise<void> {
  await until("every address answers", 240_000, async () => {
    const latencies = await prober.load(addresses, addresses.length, 2000);
    return !latencies.some(Number.isNaN);
  });
}

function printMemory({ side, pids }: Bench, when: string): void {
  for (const pid of pids.values()) {
    const { now, anonymous, file, peak } = memoryOf(pid);
    const parts = `${anonymous.toFixed(0)} anonymous, ${file.toFixed(0)} of files`;
    console.log(`  ${side.name}, ${when}: ${now.toFixed(0)} MiB resident (${parts}), peak ${peak.toFixed(0)} MiB`);
  }
}
