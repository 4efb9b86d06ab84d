import { readFileSync } from "node:fs";
import { until } from "../e2e/lab/until.ts";

/** Cheap to ask, and often enough: thousands of routes come within some milliseconds. */
const ASK_MS = 10;

/** The IPv4 routes that have come into the kernel of a process's network namespace since this was made, without asking that process. */
export class RouteCount {
  readonly #file: string;
  readonly #before: number;

  constructor(pid: number) {
    this.#file = `/proc/${pid}/net/fib_triestat`;
    this.#before = this.#prefixes();
  }

  get now(): number {
    return this.#prefixes() - this.#before;
  }

  /** @returns `performance.now()` when there were `count`. @throws {Error} when there are fewer after `timeoutMs`. */
  async reaches(count: number, timeoutMs: number): Promise<number> {
    const hasAll = async (): Promise<boolean> => {
      const { now } = this;
      if (now < count) throw new Error(`there are ${now}`);
      return true;
    };
    await until(`the router's kernel has ${count} routes`, timeoutMs, hasAll, { everyMs: ASK_MS });
    return performance.now();
  }

  #prefixes(): number {
    return prefixesIn(readFileSync(this.#file, "utf8"));
  }
}

/** @param text of /proc/net/fib_triestat. @returns routes of all its tables. */
export function prefixesIn(text: string): number {
  return [...text.matchAll(/^\s*Prefixes:\s+(\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
