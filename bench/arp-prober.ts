import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Lab } from "../e2e/lab/lab.ts";
import { namespacePath } from "../e2e/lab/process.ts";

/** The client's side of ARP measurements: one process in its namespace. */
export class ArpProber {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(lab: Lab) {
    const enter = [`--net=${namespacePath(lab.topology.client.namespace)}`, "--"];
    const program = [process.execPath, join(import.meta.dirname, "arp-client.ts")];
    this.#child = spawn("nsenter", [...enter, ...program], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("the ARP client has no output");
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Milliseconds since the epoch of the first answer; NaN after 20 s without one. */
  async firstAnswer(address: string): Promise<number> {
    return (await this.#ask({ first: address })) as number;
  }

  /** Latencies in milliseconds; NaN for a request without an answer within a second. */
  async steady(address: string, count: number, everyMs: number): Promise<readonly number[]> {
    return latenciesIn(await this.#ask({ steady: address, count, everyMs }));
  }

  /** As {@link ArpProber.steady}, for one address after the other, at a rate that does not wait for answers. */
  async load(addresses: readonly string[], count: number, perSecond: number): Promise<readonly number[]> {
    return latenciesIn(await this.#ask({ load: addresses, count, perSecond }));
  }

  /** Requests that nobody waits for. @returns how many there were. */
  async flood(addresses: readonly string[], perSecond: number, seconds: number): Promise<number> {
    return (await this.#ask({ flood: addresses, perSecond, seconds })) as number;
  }

  close(): void {
    this.#child.stdin?.end();
  }

  async #ask(order: object): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the ARP client ended");
    return JSON.parse(value);
  }
}

/** NaN is null in JSON. */
function latenciesIn(answer: unknown): readonly number[] {
  return (answer as readonly (number | null)[]).map((latency) => latency ?? Number.NaN);
}
