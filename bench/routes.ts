import { setTimeout as pause } from "node:timers/promises";
import { BareSpeaker } from "../e2e/interop/bare-speaker.ts";
import { until } from "../e2e/lab/until.ts";
import { startTestSegment, type TestSegment } from "../e2e/lab/with-lab.ts";
import type { Router } from "../e2e/routers/router.ts";
import type { RouterDescription } from "../e2e/routers/router-description.ts";
import { startRouter } from "../e2e/routers/start-router.ts";
import { cpuSecondsOf, memoryOf, startedMsAgo } from "./process-memory.ts";

const sizes = [10_000, 100_000];
const rounds = 3;
const [routerAs, nodesAs] = [64512, 64513];
const [routerAddress, nodeAddress] = ["172.30.0.1", "172.30.0.11"];
/** Counts are said again after a second. */
const factsMs = 2000;
const timers = { holdSeconds: 90, keepaliveSeconds: 30 };

/** Announces so many routes on node n1; to be ended when they have been counted. */
type Announcer = { readonly pid: number; readonly note: () => Promise<string>; readonly end: () => Promise<void> };
type Side = { readonly name: string; readonly start: (segment: TestSegment, prefixes: readonly string[]) => Promise<Announcer> };

/** Herald's is the part of a speaker that speaks BGP, alone: its routes are read from a pipe. */
const sides: readonly Side[] = [
  { name: "BIRD", start: startBirdSpeaker },
  { name: "Herald", start: startBareSpeaker },
];

/**
 * 10,000 and 100,000 routes with the same attributes, from each side to a BIRD that keeps them out of the kernel: seconds from the
 * start of the announcing process until the router has all of them; its memory and CPU time.
 */
export async function benchRoutes(): Promise<void> {
  for (const size of sizes) for (const side of sides) for (let round = 0; round < rounds; round++) await benchRound(side, size);
}

async function benchRound(side: Side, size: number): Promise<void> {
  const segment = await startTestSegment({ nodes: 1, family: "ipv4" });
  try {
    const neighbor = { name: "n1", at: { address: nodeAddress }, autonomousSystem: nodesAs, families: ["ipv4"] as const, timers };
    const description: RouterDescription = {
      ...{ autonomousSystem: routerAs, routerId: routerAddress, installs: false },
      neighbors: [{ ...neighbor, passive: true }],
    };
    const router = await startRouter(segment, "r", "bird", description);
    const announcer = await side.start(segment, prefixesOf(size));
    await allRoutes(router, size);
    const seconds = startedMsAgo(announcer.pid) / 1000;
    const { now, peak } = memoryOf(announcer.pid);
    const cpu = cpuSecondsOf(announcer.pid);
    const memory = `${now.toFixed(0)} MiB resident, peak ${peak.toFixed(0)} MiB`;
    console.log(
      `  ${side.name}, ${size} routes: ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU, ${memory}${await announcer.note()}`,
    );
    await announcer.end();
  } finally {
    await segment.stop();
  }
}

function prefixesOf(size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`);
}

async function allRoutes(router: Router, size: number): Promise<void> {
  await until(`the router has ${size} routes`, 120_000, async () => (await router.session("n1")).prefixes >= size);
}

async function startBirdSpeaker(segment: TestSegment, prefixes: readonly string[]): Promise<Announcer> {
  const neighbor = { name: "r", at: { address: routerAddress }, autonomousSystem: routerAs, families: ["ipv4"] as const, timers };
  const originated = prefixes.map((prefix) => ({ prefix }));
  const description = { autonomousSystem: nodesAs, routerId: nodeAddress, neighbors: [neighbor], originated };
  const { daemons } = await startRouter(segment, "n1", "bird", description);
  return { pid: daemons.pids.get("bird") ?? 0, note: async () => "", end: () => daemons.kill() };
}

async function startBareSpeaker({ topology }: TestSegment, prefixes: readonly string[]): Promise<Announcer> {
  const [node] = topology.nodes;
  if (node === undefined) throw new Error("the segment has no node");
  const speaker = new BareSpeaker(topology, node);
  speaker.tell({ type: "peers", peers: { router: { myASN: nodesAs, peerASN: routerAs, peerAddress: routerAddress } } });
  speaker.tell({ type: "routes", source: "bench", routes: prefixes.map((prefix) => ({ prefix })) });
  speaker.tell({ type: "complete" });
  const pid = speaker.start();
  const note = async (): Promise<string> => {
    await pause(factsMs);
    return `, ${speaker.session("router")?.counts.sent.update} UPDATEs`;
  };
  return { pid, note, end: () => speaker.kill() };
}
