import { rmSync } from "node:fs";
import { isAlive, type ProcessRecord, signal, startDaemon, stopProcess } from "../lab/process.ts";
import { until } from "../lab/until.ts";

/** A program of a router, and how to know that it is ready for the next one or for questions. */
export type Daemon = {
  readonly name: string;
  readonly command: readonly string[];
  /** A socket that a killed one leaves, and the next one does not replace. */
  readonly socket?: string;
  readonly isReady: () => Promise<boolean>;
};

export type Place = {
  /** Network namespace. */
  readonly namespace: string;
  /** The router's own folder, for its configuration and sockets. */
  readonly folder: string;
  readonly logFile: string;
};

/** The processes of one router, in the order in which they start. */
export class Daemons {
  readonly #place: Place;
  readonly #daemons: readonly Daemon[];
  readonly #afterStart: () => Promise<void>;
  #running: ProcessRecord[] = [];

  /** `afterStart`: what is to be told to the programs whenever they have started. */
  constructor(place: Place, daemons: readonly Daemon[], afterStart: () => Promise<void> = async () => {}) {
    this.#place = place;
    this.#daemons = daemons;
    this.#afterStart = afterStart;
  }

  /** Ids of the processes, by name. */
  get pids(): ReadonlyMap<string, number> {
    return new Map(this.#running.map(({ name, pid }) => [name, pid]));
  }

  /** Returns when the router answers questions. @throws {Error} that names the program that did not come up. */
  async start(): Promise<void> {
    const { namespace, folder, logFile } = this.#place;
    for (const { name, command, socket, isReady } of this.#daemons) {
      if (socket !== undefined) rmSync(socket, { force: true });
      const record = startDaemon({ name, namespace, command, logFile, cwd: folder });
      this.#running.push(record);
      await until(`${name} is ready (its log: ${logFile})`, 15_000, isReady, { needed: [record] });
    }
    await this.#afterStart();
  }

  /** In good order: neighbours are told. */
  async stop(): Promise<void> {
    for (const record of this.#running.toReversed()) await stopProcess(record, 5000);
    this.#running = [];
  }

  /** All at once, without a word; the kernel closes the connections. */
  async kill(): Promise<void> {
    for (const record of this.#running) signal(record, "SIGKILL");
    await until("the router is gone", 5000, async () => !this.#running.some(isAlive));
    this.#running = [];
  }

  /** Holds all of them: connections stay, and nobody answers. */
  pause(): void {
    for (const record of this.#running) signal(record, "SIGSTOP");
  }

  resume(): void {
    for (const record of this.#running) signal(record, "SIGCONT");
  }
}
