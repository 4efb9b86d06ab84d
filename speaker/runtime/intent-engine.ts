import type { BgpAnnouncement } from "../bgp/route.ts";
import { placementOf } from "../intent/announceable.ts";
import { type BgpVerdict, decideBgp } from "../intent/bgp.ts";
import type { Touched } from "../intent/cause.ts";
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

export type Decision = {
  readonly key: string;
  /** On layer 2. */
  readonly verdict: Verdict;
  readonly bgp: BgpVerdict;
  /** What it was decided on for, if for anything of its own. */
  readonly touched: Touched;
};

export type IntentEngineOptions = {
  readonly cluster: ClusterReader;
  /** What this node announces of a Service now. */
  readonly announced: (key: string) => readonly L2Announcement[];
  /** The same by BGP. */
  readonly announcedByBgp: (key: string) => readonly BgpAnnouncement[];
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
  /** How long to decide at most between two yields, where `usual` milliseconds would do. */
  readonly sliceMs: (usual: number) => number;
};

/** After so many milliseconds of deciding, if not sooner, others get their turn. */
const SLICE_MS = 10;
/** The clock is looked at once for so many decisions. */
const DECISIONS_PER_LOOK = 16;

/** Decides keyed by what changed; a change that concerns all Services is worked off in slices. */
export class IntentEngine {
  readonly #options: IntentEngineOptions;
  readonly #waiting = new Map<string, Touched>();
  /** The other node that was elected last for each Service. */
  readonly #owners = new Map<string, string>();
  /** All Services wait; their keys are read when the next slice begins, once for however many reasons came together. */
  #all = false;
  #scheduled = false;

  constructor(options: IntentEngineOptions) {
    this.#options = options;
  }

  /** One Service, or its endpoints, changed; where both did, it was the Service. */
  touch(key: string, what: NonNullable<Touched>): void {
    if (this.#waiting.get(key) !== "service") this.#waiting.set(key, what);
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
    if (this.#all) this.#addAll(context);
    this.#all = false;
    const decisions = this.#decideSome(context);
    if (decisions.length > 0) this.#options.onDecisions(decisions);
    if (this.#waiting.size > 0) this.#schedule();
    else this.#options.onSettled();
  }

  /** Those first whose owner is gone: nobody answers for them. */
  #addAll({ members: { alive } }: Context): void {
    const others: string[] = [];
    for (const key of this.#options.cluster.serviceKeys()) {
      if (this.#waiting.has(key)) continue;
      const owner = this.#owners.get(key);
      if (owner !== undefined && !alive.has(owner)) this.#waiting.set(key, undefined);
      else others.push(key);
    }
    for (const key of others) this.#waiting.set(key, undefined);
  }

  #noteOwner(key: string, verdict: Verdict): void {
    if (verdict.type === "silent" && verdict.owner?.by === "herald") this.#owners.set(key, verdict.owner.node);
    else this.#owners.delete(key);
  }

  #decideSome(context: Context): readonly Decision[] {
    const { cluster, announced, announcedByBgp, now, sliceMs } = this.#options;
    const until = now() + sliceMs(SLICE_MS);
    const decisions: Decision[] = [];
    for (const [key, touched] of this.#waiting) {
      this.#waiting.delete(key);
      const [service, endpoints] = [cluster.service(key), cluster.endpoints(key)];
      const placement = service && placementOf(service, context);
      const verdict = decide(service, endpoints, context, announced(key), placement);
      const bgp = decideBgp(service, endpoints, context, announcedByBgp(key), placement);
      this.#noteOwner(key, verdict);
      decisions.push({ key, verdict, bgp, touched });
      if (decisions.length % DECISIONS_PER_LOOK === 0 && now() >= until) break;
    }
    return decisions;
  }
}
