import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessRecord } from "./process.ts";

export type UntilOptions = {
  /** What cannot come without these. */
  readonly needed?: readonly ProcessRecord[];
  /** From one check to the next. */
  readonly everyMs?: number;
};

/**
 * Repeats `check` until it is true; errors count as not yet.
 * @throws {Error} that names what did not come, and the last error; at once when one of `needed` has ended.
 */
export async function until(
  what: string,
  timeoutMs: number,
  check: () => Promise<boolean>,
  { needed = [], everyMs = 50 }: UntilOptions = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    const dead = needed.find((record) => !isAlive(record));
    if (dead !== undefined) throw new Error(`${dead.name} ended`);
    try {
      if (await check()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  }
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}${detail}`, { cause });
}

/**
 * Repeats `ask` until it has an answer.
 * @throws {Error} as {@link until} does.
 */
export async function eventually<T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  let answer: T | undefined;
  await until(what, timeoutMs, async () => {
    answer = await ask();
    return answer !== undefined;
  });
  return answer as T;
}
