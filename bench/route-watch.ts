import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { namespacePath } from "../e2e/lab/process.ts";

/** Follows the IPv4 routes of a namespace's kernel and tells when each came last, in milliseconds of `performance.now()`. */
export class RouteWatch {
  readonly #monitor: ChildProcess;
  readonly #cameAt = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(namespace: string) {
    const command = [`--net=${namespacePath(namespace)}`, "--", "ip", "-4", "-o", "monitor", "route"];
    this.#monitor = spawn("nsenter", command, { stdio: ["ignore", "pipe", "inherit"] });
    if (this.#monitor.stdout !== null) createInterface(this.#monitor.stdout).on("line", (line) => this.#read(line));
  }

  /** When the route to a host came; waits for it. Infinity: not within `timeoutMs`. */
  cameAt(address: string, timeoutMs: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const known = this.#cameAt.get(address);
    if (known !== undefined) return Promise.resolve(known);
    const late = setTimeout(() => resolve(Number.POSITIVE_INFINITY), timeoutMs);
    this.#waiting.set(address, resolve);
    return promise.finally(() => clearTimeout(late));
  }

  close(): void {
    this.#monitor.kill();
  }

  #read(line: string): void {
    const at = performance.now();
    const [first = "", second = ""] = line.split(" ");
    if (first === "Deleted") {
      this.#cameAt.delete(second);
      return;
    }
    this.#cameAt.set(first, at);
    this.#waiting.get(first)?.(at);
    this.#waiting.delete(first);
  }
}
