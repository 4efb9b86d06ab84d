import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BgpSessionFacts } from "../../speaker/runtime/bgp/bgp-facts.ts";
import { namespacePath } from "../lab/process.ts";
import { logDir } from "../lab/state.ts";
import type { NodeHost, Topology } from "../lab/topology.ts";
import { until } from "../lab/until.ts";
import type { SpeakerOrder } from "./speaker-order.ts";

/** Herald's BGP on a node of a segment, without a cluster: peers and routes are what it is told. */
export class BareSpeaker {
  readonly #node: NodeHost;
  readonly #logFile: string;
  readonly #orders: SpeakerOrder[] = [];
  #process: ChildProcess | undefined;
  #facts: readonly BgpSessionFacts[] = [];

  constructor(topology: Topology, node: NodeHost) {
    this.#node = node;
    this.#logFile = join(logDir(topology.id), `speaker-${node.name}.log`);
  }

  /** Starts it, and tells it what it was told last before. @returns the id of its process. */
  start(): number {
    const command = [`--net=${namespacePath(this.#node.namespace)}`, "--", process.execPath];
    const program = join(import.meta.dirname, "speaker-process.ts");
    const child = spawn("nsenter", [...command, program, this.#node.name], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => undefined); // it may be killed at any time
    createInterface(child.stdout).on("line", (line) => this.#read(line));
    createInterface(child.stderr).on("line", (line) => this.#log(line));
    this.#facts = [];
    this.#process = child;
    for (const order of this.#orders) this.#send(order);
    return child.pid ?? 0;
  }

  /** Peers that are told must differ from those before: it speaks again when something has changed. */
  tell(order: SpeakerOrder): void {
    const before = this.#orders.findIndex(
      (other) => other.type === order.type && (other.type !== "routes" || other.source === (order as typeof other).source),
    );
    if (before === -1) this.#orders.push(order);
    else this.#orders[before] = order;
    if (order.type === "peers") this.#facts = []; // what it said last was of other sessions
    this.#send(order);
  }

  /** What it last said of the session of this BGPPeer. */
  session(peer: string): BgpSessionFacts | undefined {
    return this.#facts.find(({ peers }) => peers.includes(peer));
  }

  async established(...peers: readonly string[]): Promise<void> {
    for (const peer of peers)
      await until(`the speaker has a session with ${peer}`, 30_000, async () => this.session(peer)?.state === "Established");
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    running.kill("SIGKILL");
    await until("the speaker is gone", 5000, async () => running.signalCode !== null || running.exitCode !== null);
    this.#process = undefined;
  }

  /** In good order, as on a node that is emptied. */
  async leave(): Promise<void> {
    const running = this.#process;
    this.#send({ type: "leave" });
    await until("the speaker has left", 10_000, async () => running?.exitCode !== null);
    this.#process = undefined;
  }

  #send(order: SpeakerOrder): void {
    this.#process?.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #read(line: string): void {
    this.#log(line);
    const { facts } = JSON.parse(line) as { readonly facts?: readonly BgpSessionFacts[] };
    if (facts !== undefined) this.#facts = facts;
  }

  #log(line: string): void {
    appendFileSync(this.#logFile, `${line}\n`);
  }
}
