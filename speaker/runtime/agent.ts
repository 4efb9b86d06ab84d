import { readFileSync } from "node:fs";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Cancel } from "../../operator/framework/clock.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { systemClock as clock } from "../../operator/framework/system-clock.ts";
import { defaultTiming } from "../l2/burst-queue.ts";
import type { GratuitousOptions } from "../l2/gratuitous.ts";
import { missingCapability } from "../native/capabilities.ts";
import { readGateways } from "../native/gateways.ts";
import type { Link, TapFactory } from "../native/ports.ts";
import { promiscuousOn } from "../native/promiscuous-taps.ts";
import { selectTaps, tapCandidates } from "../native/tap-selection.ts";
import { BgpSpeaker } from "./bgp/bgp-speaker.ts";
import { UnnumberedWatch } from "./bgp/unnumbered-watch.ts";
import { PacedTurns } from "./pace/paced-turns.ts";
import { processCpuMs } from "./pace/process-cpu.ts";
import type {
  BeatToWire,
  CpuLimitNotice,
  Farewell,
  NeighbourWord,
  SegmentWord,
  StartOver,
  ToMind,
  ToWire,
} from "./threads/messages.ts";
import { becomeRealTimeThread } from "./threads/real-time.ts";
import { machineMilliseconds, SharedState } from "./threads/shared-state.ts";
import { standStill } from "./threads/stand-still.ts";
import { writeErrorLine } from "./threads/stderr-line.ts";
import type { ThreadData, ThreadOptions } from "./threads/thread-data.ts";
import { createThreadLog } from "./threads/thread-log.ts";
import { giveBackMemory } from "./threads/thrift.ts";
import { Wire } from "./wire/wire.ts";

/** Entry files of the two worker threads. */
export type ThreadFiles = { readonly mind: URL; readonly beat: URL };

/** Handing over and cleaning up have this long; the Pod's grace period is 10 s. */
const STOP_MS = 8_000;
/** Under a limit of CPU what tells routers waits so long for the thread that knows what there is to tell. */
const PATIENCE_MS = 100;
/** Where nothing is probed before its first announcement, it is asked for so long whether a rival is still there. */
const RECHECK_PROBE_MS = 150;
/** How long the test hooks hold the main thread (SIGUSR2; for a moment only SIGWINCH) and the mind (SIGHUP). */
const HOLD_MS = { wire: 5_000, moment: 300, mind: 15_000 } as const;

/** The main thread: the wire, and the two others around it. Resolves when the wire works; the process ends by itself. */
export async function runSpeaker(options: ThreadOptions, files: ThreadFiles): Promise<void> {
  const missing = missingCapability(readFileSync("/proc/self/status", "utf8"), process.getuid?.() ?? 0);
  if (missing !== undefined) return die(missing);
  try {
    const buffer = SharedState.allocate();
    const threads = startThreads(options, files, buffer); // they load their programs meanwhile
    const { taps, passedOver } = await selectTaps(tapCandidates, tryLoopback);
    const post = (message: ToMind): void => threads.mind.postMessage(message);
    const log = createThreadLog(post);
    for (const { name, reason } of passedOver) log.warn("a way to capture frames cannot be used here", { name, reason });
    log.info("frames are captured", { with: taps.name });
    const turns = createTurns(post);
    const bgp = await startBgp({
      listenPort: options.bgpListenPort,
      log,
      turns,
      post,
      postToBeat: (word) => threads.beat.postMessage(word),
    });
    threads.beat.on("message", (notice: BeatToWire) => bgp.hear(notice));
    const wire = await startWire({
      taps: promiscuousOn(options.promiscuousInterfaces, taps),
      shared: new SharedState(buffer),
      log,
      post,
      postToBeat: (message) => threads.beat.postMessage(message),
      gratuitous: {
        ...defaultTiming,
        framesPerSecond: options.framesPerSecond,
        refreshIntervalMs: options.gratuitousIntervalMs,
      },
      probeMs: options.addressProbeMs || RECHECK_PROBE_MS,
      bgp,
    });
    threads.mind.on("message", (message: ToWire | CpuLimitNotice | StartOver) => {
      if (message.type === "start-over") giveBackMemory();
      else if (message.type === "cpu-limit") turns.follow(message.limit);
      else wire.receive(message);
    });
    becomeRealTimeThread("wire", log);
    for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) process.once(name, () => stop(wire, turns, log, name));
    if (process.env["HERALD_TEST_HOOKS"] === "1") {
      process.on("SIGUSR2", () => standStill(HOLD_MS.wire));
      process.on("SIGWINCH", () => standStill(HOLD_MS.moment));
      process.on("SIGHUP", () => post({ type: "stand-still", ms: HOLD_MS.mind }));
    }
  } catch (error) {
    return die(textOf(error));
  }
}

type WireParts = {
  readonly taps: TapFactory;
  readonly shared: SharedState;
  readonly log: Log;
  readonly post: (message: ToMind) => void;
  readonly postToBeat: (message: SegmentWord | Farewell) => void;
  readonly gratuitous: GratuitousOptions;
  readonly probeMs: number;
  readonly bgp: BgpSpeaker;
};

async function startWire({ taps, shared, log, post, postToBeat, gratuitous, probeMs, bgp }: WireParts): Promise<Wire> {
  const { createLinkMonitor } = await import("../native/link-monitor.ts");
  const { createGroupMembership } = await import("../native/group-membership.ts");
  const wire = new Wire({
    taps,
    links: createLinkMonitor({
      after,
      onTrouble: (reason) => log.warn("the kernel's link events are read anew", { reason }),
    }),
    groups: createGroupMembership(),
    gratuitous,
    clock,
    log,
    shared,
    sharedNow: machineMilliseconds,
    yieldThen: (run) => setImmediate(run),
    post,
    postToBeat,
    gateways: readGateways,
    probeMs,
    bgp,
    onStopped: () => process.exit(0),
  });
  wire.start();
  return wire;
}

/** What tells routers of routes can wait; answers, probes and the word that this thread runs cannot. */
function createTurns(post: (message: ToMind) => void): PacedTurns {
  return new PacedTurns({
    clock,
    now: () => clock.monotonic(),
    usedMs: processCpuMs,
    patienceMs: PATIENCE_MS,
    yieldThen: (run) => setImmediate(run),
    onRested: (ms) => post({ type: "rested", ms }),
  });
}

type BgpParts = {
  readonly listenPort: number;
  readonly log: Log;
  readonly turns: PacedTurns;
  readonly post: (message: ToMind) => void;
  readonly postToBeat: (word: NeighbourWord) => void;
};

async function startBgp({ listenPort, log, turns, post, postToBeat }: BgpParts): Promise<BgpSpeaker> {
  const { createTcpConnector } = await import("../native/tcp/tcp-connector.ts");
  const { createTcpListening } = await import("../native/tcp/tcp-listener.ts");
  const { createGroupMembership } = await import("../native/group-membership.ts");
  const { routerTaps } = await import("../native/af-packet.ts");
  return new BgpSpeaker({
    connector: createTcpConnector(after),
    listening: createTcpListening(after),
    listenPort,
    neighbours: (onNeighbour) =>
      new UnnumberedWatch({ taps: routerTaps, groups: createGroupMembership(), clock, log, random: Math.random, onNeighbour }),
    clock,
    log,
    random: Math.random,
    yieldThen: (run) => turns.take(run),
    onFacts: (sessions) => post({ type: "bgp-facts", sessions }),
    onTrace: (question, messages) => post({ type: "bgp-trace", question, messages }),
    postToBeat,
  });
}

function after(ms: number, run: () => void): Cancel {
  return clock.after(ms, run);
}

function startThreads(
  options: ThreadOptions,
  files: ThreadFiles,
  shared: SharedArrayBuffer,
): { readonly mind: Worker; readonly beat: Worker } {
  const { port1, port2 } = new MessageChannel();
  const start = (name: string, file: URL, port: MessagePort, youngMb: number): Worker => {
    const data: ThreadData = { options, shared, port };
    const worker = new Worker(file, {
      name,
      workerData: data,
      transferList: [port],
      // Small young generations: short pauses, and memory that a node keeps for its workloads.
      resourceLimits: { maxYoungGenerationSizeMb: youngMb },
    });
    worker.on("error", (error) => die(`the thread "${name}" failed: ${textOf(error)}`));
    worker.on("exit", (code) => die(`the thread "${name}" ended with code ${code}`));
    return worker;
  };
  return { mind: start("mind", files.mind, port1, 6), beat: start("beat", files.beat, port2, 4) };
}

/** Every Linux network namespace has a loopback interface with index 1. */
function tryLoopback(taps: TapFactory): void {
  const flags = { up: true, carrier: true, broadcast: false, noArp: true, loopback: true };
  const loopback: Link = { index: 1, name: "lo", mac: new Uint8Array(6), mtu: 65_536, ...flags, addresses: [] };
  taps.open(loopback, "arp", { onFrame: () => undefined, onClosed: () => undefined }).close();
}

function stop(wire: Wire, turns: PacedTurns, log: Log, signal: string): void {
  log.info("stopping: addresses are handed over", { signal });
  turns.follow(undefined); // routers are told now, limit or not
  wire.stop();
  setTimeout(() => process.exit(0), STOP_MS);
}

let dying = false;

/** One line on standard error, also when the thread that logs is gone; then the process ends, so that it is started anew. */
function die(message: string): void {
  if (dying) return; // a thread that failed also ends: the first reason is the one that helps
  dying = true;
  setTimeout(() => process.exit(1), 200);
  writeErrorLine("agent.ts", message, () => process.exit(1));
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`;
}
