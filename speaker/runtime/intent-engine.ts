import type { EndpointView, ServiceView } from "../intent/cluster.ts";
import type { Context } from "../intent/context.ts";
import { decide, type Verdict } from "../intent/desired.ts";
import type { L2Announcement } from "../intent/intent.ts";

/** The objects that decisions read, as views. */
export interface ClusterReader {
  service(key: string): ServiceView | undefined;
  /** Of all EndpointSlices of the Service. */
  endpoints(key: string): readonly EndpointView[];
  serviceKeys(): Iterable<string>;
}

export type Decision = { readonly key: string; readonly verdict: Verdict };

export type IntentEngineOptions = {
  readonly cluster: ClusterReader;
  /** What this node announces of a Service now. */
  readonly announced: (key: string) => readonly L2Announcement[];
  /** Undefined while too little is known to decide anything. */
  readonly context: () => Context | undefined;
  /** Every decision of one slice, whether or not it differs from the last. */
  readonly onDecisions: (decisions: readonly Decision[]) => void;
  /** Nothing is left to be decided; called after the last `onDecisions`. */
  readonly onSettled: () => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Lets everything else of this thread run, then the callback. */
  readonly yieldThen: (run: () => void) => void;
};

/** After so many milliseconds of deciding, others get their turn. */
const SLICE_MS = 5;
/** The clock is looked at once for so many decisions. */
const DECISIONS_PER_LOOK = 16;

/** Decides keyed by what changed; a change that concerns all Services is worked off in slices. */
export class IntentEngine {
  readonly #options: IntentEngineOptions;
  readonly #waiting = new Set<string>();
  /** All Services wait; their keys are read when the next slice begins, once for however many reasons came together. */
  #all = false;
  #scheduled = false;

  constructor(options: IntentEngineOptions) {
    this.#options = options;
  }

  /** One Service, or its endpoints, changed. */
  touch(key: string): void {
    this.#waiting.add(key);
    this.#schedule();
  }

  /** Configuration, nodes or members changed. A Service that went was touched by itself. */
  touchAll(): void {
    this.#all = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.yieldThen(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    const context = this.#options.context();
    if (context === undefined) return; // nothing is lost: whoever completes the context touches all
    if (this.#all) for (const key of this.#options.cluster.serviceKeys()) this.#waiting.add(key);
    this.#all = false;
    const decisions = this.#decideSome(context);
    if (decisions.length > 0) this.#options.onDecisions(decisions);
    if (this.#waiting.size > 0) this.#schedule();
    else this.#options.onSettled();
  }

  #decideSome(context: Context): readonly Decision[] {
    const { cluster, announced, now } = this.#options;
    const until = now() + SLICE_MS;
    const decisions: Decision[] = [];
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      decisions.push({ key, verdict: decide(cluster.service(key), cluster.endpoints(key), context, announced(key)) });
      if (decisions.length % DECISIONS_PER_LOOK === 0 && now() >= until) break;
    }
    return decisions;
  }
}
