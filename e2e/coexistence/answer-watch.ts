import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Lab } from "../lab/lab.ts";
import { namespacePath } from "../lab/process.ts";
import { AnswerTimeline, type AskedRound } from "./answer-timeline.ts";

/** The client asks for some IPv4 addresses again and again, from `start` to `stop`. */
export class AnswerWatch {
  readonly timeline: AnswerTimeline;
  readonly #lab: Lab;
  readonly #everyMs: number;
  #child: ChildProcess | undefined;

  constructor(lab: Lab, addresses: readonly string[], everyMs: number) {
    this.#lab = lab;
    this.#everyMs = everyMs;
    this.timeline = new AnswerTimeline(addresses);
  }

  start(): void {
    const network = `--net=${namespacePath(this.#lab.topology.client.namespace)}`;
    const program = [process.execPath, join(import.meta.dirname, "answer-client.ts")];
    const command = [network, "--", ...program, String(this.#everyMs), ...this.timeline.addresses];
    this.#child = spawn("nsenter", command, { stdio: ["ignore", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("the answer client has no output");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.timeline.add(JSON.parse(line) as AskedRound));
  }

  /** The last second is not told. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }
}
