import type { LogSink } from "./log-sink.ts";

const maxBatchOctets = 65_536;

/**
 * A bounded queue of lines in front of a sink: one write at a time, and lines beyond the bound are dropped and counted.
 * After a loss the next line that gets through is preceded by what `lossLine` makes of the count.
 */
export class LogQueue {
  readonly #sink: LogSink;
  readonly #maxOctets: number;
  readonly #lossLine: (count: number) => string;
  #lines: Buffer[] = [];
  #octets = 0;
  #writing = false;
  #dropped = 0;
  #unreported = 0;
  #idle: (() => void)[] = [];

  constructor(sink: LogSink, maxOctets: number, lossLine: (count: number) => string) {
    this.#sink = sink;
    this.#maxOctets = maxOctets;
    this.#lossLine = lossLine;
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line without its line end. */
  push(line: string): void {
    const octets = Buffer.from(`${line}\n`, "utf8");
    if (this.#octets + octets.length > this.#maxOctets) {
      this.#dropped++;
      this.#unreported++;
      return;
    }
    this.#lines.push(octets);
    this.#octets += octets.length;
    this.#pump();
  }

  /** Resolves when all is written, at the latest after `timeoutMs`; what cannot be written by then is given up. */
  async close(timeoutMs: number): Promise<void> {
    if (!this.#writing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#sink.abandon();
        resolve();
      }, timeoutMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #pump(): void {
    if (this.#writing) return;
    const batch = this.#nextBatch();
    if (batch === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    this.#sink.write(batch.octets, (error) => {
      this.#writing = false;
      if (error) {
        this.#dropped += batch.lines;
        this.#unreported += batch.lines;
      }
      // Not from within the sink's own call: a sink that answers at once must not grow the stack.
      queueMicrotask(() => this.#pump());
    });
  }

  #nextBatch(): { readonly octets: Buffer; readonly lines: number } | undefined {
    if (this.#lines.length === 0) return undefined;
    const taken: Buffer[] = [];
    let octets = 0;
    while (octets < maxBatchOctets) {
      const line = this.#lines.shift();
      if (line === undefined) break;
      taken.push(line);
      octets += line.length;
    }
    this.#octets -= octets;
    const lines = taken.length;
    if (this.#unreported > 0) taken.unshift(Buffer.from(`${this.#lossLine(this.#unreported)}\n`, "utf8"));
    this.#unreported = 0;
    return { octets: Buffer.concat(taken), lines };
  }
}
