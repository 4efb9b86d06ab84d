import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { CpuLimit, LimitReading } from "./cpu-limit.ts";

export type CpuLimitWatchOptions = {
  readonly read: () => LimitReading;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
  /** Called at the start, and when the limit changed. */
  readonly onLimit: (limit: CpuLimit | undefined) => void;
};

/** A Pod's limits can be changed while it runs. */
const READ_EVERY_MS = 30_000;

/** Follows the limit of CPU that this process has, and says what it is when there is one. */
export class CpuLimitWatch {
  readonly #options: CpuLimitWatchOptions;
  #limit: CpuLimit | undefined;
  #said: string | undefined;
  #next: Cancel | undefined;

  constructor(options: CpuLimitWatchOptions) {
    this.#options = options;
  }

  /** Reads at once, and again and again until {@link stop}. */
  start(): void {
    this.#read();
    this.#again();
  }

  stop(): void {
    this.#next?.();
  }

  #again(): void {
    this.#next = this.#options.clock.after(READ_EVERY_MS, () => {
      this.#read();
      this.#again();
    });
  }

  #read(): void {
    const { read, log, onLimit } = this.#options;
    const reading = read();
    const limit = reading.type === "limited" ? reading.limit : undefined;
    if (reading.type === "unreadable" && this.#said !== reading.reason) {
      this.#said = reading.reason;
      log.warn("the limit of CPU cannot be read and counts as none", { reason: reading.reason });
    }
    if (limit?.quotaMs === this.#limit?.quotaMs && limit?.periodMs === this.#limit?.periodMs) return;
    this.#limit = limit;
    onLimit(limit);
    if (limit === undefined) log.info("there is no limit of CPU any more");
    else
      log.info("there is a limit of CPU: what is not urgent rests, so that the kernel does not stop what is", {
        cores: limit.quotaMs / limit.periodMs,
        periodMs: limit.periodMs,
      });
  }
}
