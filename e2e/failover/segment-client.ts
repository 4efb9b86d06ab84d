import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { namespacePath } from "../lab/process.ts";
import type { Host } from "../lab/topology.ts";
import type { ClientLine, ClientOrder } from "./client-order.ts";
import type { Attempt, Break, Sighting, Timeline } from "./timeline.ts";

/** What a client does when nothing else is said: one ARP request and one connection every 5 ms. */
const usual: Omit<ClientOrder, "watched" | "asked"> = {
  askedPerTick: 1,
  askEveryMs: 5,
  connectTo: [],
  connectEveryMs: 5,
  keepOpenTo: [],
  keepOpenEach: 0,
};

/** The client's process, and what it has seen so far. */
export class SegmentClient {
  readonly asked: readonly string[];
  readonly #child: ChildProcess;
  readonly #sightings: Sighting[] = [];
  readonly #attempts: Attempt[] = [];
  readonly #breaks: Break[] = [];
  #lateMs = 0;

  /** On the client's machine of a lab, or on the one in its place. */
  constructor(
    lab: { readonly topology: { readonly client: Pick<Host, "namespace"> } },
    order: Pick<ClientOrder, "watched"> & Partial<ClientOrder>,
  ) {
    const whole: ClientOrder = { ...usual, asked: order.watched, ...order };
    this.asked = whole.asked;
    const program = [process.execPath, join(import.meta.dirname, "client.ts"), JSON.stringify(whole)];
    const enter = [`--net=${namespacePath(lab.topology.client.namespace)}`, "--"];
    this.#child = spawn("nsenter", [...enter, ...program], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("the client has no output");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(JSON.parse(line) as ClientLine));
  }

  /** Everything since the start, or since {@link forget}. */
  get timeline(): Timeline {
    const [sightings, attempts, breaks] = [[...this.#sightings], [...this.#attempts], [...this.#breaks]];
    return { sightings, attempts, breaks, clientLateMs: this.#lateMs };
  }

  /** MAC addresses that answered for an address at or after a moment. */
  ownersSince(address: string, at: number): ReadonlySet<string> {
    const owners = new Set<string>();
    for (let index = this.#sightings.length - 1; index >= 0; index--) {
      const sighting = this.#sightings[index];
      if (sighting === undefined || sighting.at < at) break;
      if (sighting.address === address && !sighting.unasked) owners.add(sighting.mac);
    }
    return owners;
  }

  /** Begins a new timeline. */
  forget(): void {
    for (const list of [this.#sightings, this.#attempts, this.#breaks]) list.length = 0;
    this.#lateMs = 0;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, "exit");
  }

  #take(line: ClientLine): void {
    switch (line[0]) {
      case "sighting":
        this.#sightings.push({ at: line[1], address: line[2], mac: line[3], unasked: line[4] });
        return;
      case "attempt":
        this.#attempts.push({ at: line[1], address: line[2], tookMs: line[3], ...(line[4] !== null && { failure: line[4] }) });
        return;
      case "break":
        this.#breaks.push({ at: line[1], address: line[2], why: line[3] });
        return;
      case "late":
        this.#lateMs = Math.max(this.#lateMs, line[1]);
    }
  }
}
