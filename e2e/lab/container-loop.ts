import type { ContainerProcess } from "./container-process.ts";
import { ContainerRefusal } from "./container-spec.ts";
import type { Container } from "./objects.ts";
import { type ProbeTarget, startProbe } from "./probe.ts";

/** A container's state, in the words of the Pod API. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: { readonly exitCode: number; readonly reason: string; readonly finishedAt: string } };

export type ContainerReport = {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
};

/** Starts one run. @throws {ContainerRefusal} when the specification cannot be carried out at present. */
export type Starter = (container: Container) => Promise<ContainerProcess>;

export type LoopDeps = {
  readonly start: Starter;
  readonly target: Omit<ProbeTarget, "container">;
  readonly onReport: () => void;
  /** Wait before restart number n (0 is the first). Kubelet: 0, 10 s, 20 s, … 300 s. */
  readonly backoffMs: (restart: number) => number;
};

const refusalRetryMs = 2000;

/** Keeps one container running: starts it, probes it, starts it again when it ends or fails its liveness probe. */
export class ContainerLoop {
  readonly container: Container;
  readonly #deps: LoopDeps;
  #state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  #ready = false;
  #restarts = 0;
  #process: ContainerProcess | undefined;
  readonly #stopping = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(container: Container, deps: LoopDeps) {
    this.container = container;
    this.#deps = deps;
  }

  get report(): ContainerReport {
    const { name, image = "" } = this.container;
    const started = "running" in this.#state;
    return { name, image, state: this.#state, ready: this.#ready, started, restartCount: this.#restarts };
  }

  /** See {@link ContainerProcess.outerPid}. */
  get outerPid(): number | undefined {
    return this.#process?.outerPid;
  }

  start(): void {
    this.#ended = this.#keepRunning();
  }

  /** Ends it for good. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#ready = false;
    await this.#process?.stop(graceMs);
    await this.#ended;
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const process = await this.#tryStart();
      if (process === undefined) await pause(refusalRetryMs, signal);
      else {
        const backoffMs = await this.#live(process);
        if (!signal.aborted) await pause(backoffMs, signal);
      }
    }
  }

  async #tryStart(): Promise<ContainerProcess | undefined> {
    try {
      this.#process = await this.#deps.start(this.container);
      if (this.#stopping.signal.aborted) this.#process.kill();
      return this.#process;
    } catch (error) {
      const reason = error instanceof ContainerRefusal ? error.reason : "CreateContainerError";
      this.#become({ waiting: { reason, message: error instanceof Error ? error.message : String(error) } }, false);
      return undefined;
    }
  }

  /** One run from start to end; the wait before the next. */
  async #live(process: ContainerProcess): Promise<number> {
    const run = new AbortController();
    this.#become({ running: { startedAt: now() } }, this.container.readinessProbe === undefined);
    this.#probe(process, run.signal);
    const { code } = await process.exited;
    run.abort();
    const backoffMs = this.#deps.backoffMs(this.#restarts);
    const terminated = { exitCode: code, reason: code === 0 ? "Completed" : "Error", finishedAt: now() };
    if (this.#stopping.signal.aborted) this.#become({ terminated }, false);
    else {
      this.#restarts++;
      const reason = backoffMs > 0 ? "CrashLoopBackOff" : "ContainerCreating";
      this.#become({ waiting: { reason, message: `exited with ${code} at ${terminated.finishedAt}` } }, false);
    }
    return backoffMs;
  }

  #probe(process: ContainerProcess, signal: AbortSignal): void {
    const { readinessProbe, livenessProbe, startupProbe } = this.container;
    const target = { ...this.#deps.target, container: this.container };
    const begin = (): void => {
      if (readinessProbe !== undefined)
        startProbe(readinessProbe, target, signal, (healthy) => this.#become(this.#state, healthy));
      if (livenessProbe !== undefined)
        startProbe(livenessProbe, target, signal, (healthy) => healthy || void process.stop(10_000));
    };
    if (startupProbe === undefined) begin();
    else startProbe(startupProbe, target, signal, (healthy) => (healthy ? begin() : void process.stop(10_000)));
  }

  #become(state: ContainerState, ready: boolean): void {
    this.#state = state;
    this.#ready = ready && !this.#stopping.signal.aborted;
    this.#deps.onReport();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
