import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "./lab/lab.ts";
import { namespacePath } from "./lab/process.ts";

/** One ARP reply that reached the client. */
export type Answer = { readonly at: number; readonly mac: string };

const askers = 4;

/**
 * Everybody who answers the client's ARP requests for one IPv4 address, from `start` to `stop`; four requests are made in
 * a second. One that hears two replies to a request records both.
 */
export class AnswerRecord {
  readonly #lab: Lab;
  readonly #address: string;
  readonly #children: ChildProcess[] = [];
  readonly #answers: Answer[] = [];

  constructor(lab: Lab, address: string) {
    this.#lab = lab;
    this.#address = address;
  }

  /** In order of arrival. */
  get answers(): readonly Answer[] {
    return this.#answers;
  }

  async start(): Promise<void> {
    for (let asker = 0; asker < askers; asker++) {
      this.#ask();
      await sleep(1000 / askers);
    }
  }

  stop(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  /** MAC addresses that answered at or after a time. */
  since(at: number): ReadonlySet<string> {
    return new Set(this.#answers.filter((answer) => answer.at >= at).map(({ mac }) => mac));
  }

  #ask(): void {
    const network = `--net=${namespacePath(this.#lab.topology.client.namespace)}`;
    const ask = ["stdbuf", "-oL", "arping", "-b", "-I", "eth0", this.#address];
    const child = spawn("nsenter", [network, "--", ...ask], { stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      for (const [mac] of text.matchAll(/([0-9A-F]{2}:){5}[0-9A-F]{2}/gi))
        this.#answers.push({ at: Date.now(), mac: mac.toLowerCase() });
    });
    this.#children.push(child);
  }
}
