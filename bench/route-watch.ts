import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { namespacePath } from "../e2e/lab/process.ts";

/** Ten thousand events in one go must not be lost. */
const receiveBuffer = 64 * 1024 * 1024;

/** Follows the IPv4 routes that BIRD gives a namespace's kernel, from now on. Times are milliseconds of `performance.now()`. */
export class RouteWatch {
  readonly #monitor: ChildProcess;
  readonly #cameAt = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  #awaited: { readonly count: number; readonly resolve: (at: number) => void } | undefined;

  constructor(namespace: string) {
    const command = [
      `--net=${namespacePath(namespace)}`,
      "--",
      "ip",
      "-rcvbuf",
      `${receiveBuffer}`,
      "-4",
      "-o",
      "monitor",
      "route",
    ];
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

  /** When there were `count` routes; waits for it. Infinity: not within `timeoutMs`. */
  countAt(count: number, timeoutMs: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const late = setTimeout(() => resolve(Number.POSITIVE_INFINITY), timeoutMs);
    this.#awaited = { count, resolve };
    this.#tellCount(performance.now());
    return promise.finally(() => clearTimeout(late));
  }

  /** Routes that are there now. */
  get size(): number {
    return this.#cameAt.size;
  }

  close(): void {
    this.#monitor.kill();
  }

  #read(line: string): void {
    if (!line.includes(" proto bird ")) return;
    const at = performance.now();
    const [first = "", second = ""] = line.split(" ");
    if (first === "Deleted") {
      this.#cameAt.delete(second);
      return;
    }
    this.#cameAt.set(first, at);
    this.#waiting.get(first)?.(at);
    this.#waiting.delete(first);
    this.#tellCount(at);
  }

  #tellCount(at: number): void {
    if (this.#awaited === undefined || this.size < this.#awaited.count) return;
    this.#awaited.resolve(at);
    this.#awaited = undefined;
  }
}
