import type { BgpAnnouncement } from "../../bgp/route.ts";
import { placementOf } from "../../intent/announceable.ts";
import { type BgpVerdict, decideBgp } from "../../intent/bgp.ts";
import type { Touched } from "../../intent/cause.ts";
import type { Context } from "../../intent/context.ts";
import { decide, type Verdict } from "../../intent/desired.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import { PreparedTakeovers, type ServiceReader, type Takeover } from "./prepared-takeovers.ts";

/** The objects that decisions read, as views. */
export interface ClusterReader extends ServiceReader {
  serviceKeys(): Iterable<string>;
}

export type Decision = {
  readonly key: string;
  /** On layer 2. */
  readonly verdict: Verdict;
  readonly bgp: BgpVerdict;
  /** What it was decided on for, if for anything of its own. */
  readonly touched: Touched;
  /** Another node, which lives, announces the addresses until this one does. */
  readonly relieves: boolean;
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
  /** Of those that are yet to be decided on, what this node is to announce now that another node is gone. */
  readonly onTakeovers: (takeovers: readonly Takeover[]) => void;
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
/** Takeovers that were prepared, and are told before others get their turn. */
const TAKEN_AT_ONCE = 100;
/** Takeovers that are prepared before others get their turn. */
const PREPARED_AT_ONCE = 16;

/**
 * Decides keyed by what changed; a change that concerns all Services is worked off in slices. Whatever concerns one node's going is
 * prepared while nothing else is to be done.
 */
export class IntentEngine {
  readonly #options: IntentEngineOptions;
  readonly #waiting = new Map<string, Touched>();
  /** The other node that was elected last for each Service. */
  readonly #owners = new Map<string, string>();
  /** All Services wait; their keys are read when the next slice begins, once for however many reasons came together. */
  #all = false;
  #scheduled = false;
  #everSettled = false;
  readonly #prepared: PreparedTakeovers;
  #preparing = false;
  /** Prepared for what has come about; to be told before anything is decided. */
  #takeovers: readonly Takeover[] = [];
  #takenIn: Context | undefined;

  constructor(options: IntentEngineOptions) {
    this.#options = options;
    this.#prepared = new PreparedTakeovers(options.cluster);
  }

  /** One Service, or its endpoints, changed; where both did, it was the Service. */
  touch(key: string, what: NonNullable<Touched>): void {
    if (this.#waiting.get(key) !== "service") this.#waiting.set(key, what);
    this.#prepared.forget(key);
    this.#schedule();
  }

  /** Configuration, nodes or members changed. A Service that went was touched by itself. */
  touchAll(): void {
    this.#all = true;
    this.#schedule();
  }

  /** Something waits for its turn to be decided on. */
  get deciding(): boolean {
    return this.#scheduled;
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
    if (this.#tellTakeovers(context)) {
      this.#schedule();
      return;
    }
    const decisions = this.#decideSome(context);
    if (decisions.length > 0) this.#options.onDecisions(decisions);
    if (this.#waiting.size > 0) this.#schedule();
    else {
      this.#everSettled = true;
      this.#options.onSettled();
      this.#prepare();
    }
  }

  /** @returns false when there are none, or no more. */
  #tellTakeovers(context: Context): boolean {
    if (context !== this.#takenIn) this.#takeovers = this.#prepared.enter(context);
    this.#takenIn = context;
    if (this.#takeovers.length === 0) return false;
    // What was prepared for one that has changed meanwhile is out of date.
    const some = this.#takeovers.slice(0, TAKEN_AT_ONCE).filter(({ key }) => this.#waiting.get(key) === undefined);
    this.#takeovers = this.#takeovers.slice(TAKEN_AT_ONCE);
    if (some.length > 0) this.#options.onTakeovers(some);
    return true;
  }

  /** Little by little, as long as nothing waits. */
  #prepare(): void {
    if (this.#preparing || this.#prepared.isComplete) return;
    this.#preparing = true;
    this.#options.yieldThen(() => {
      this.#preparing = false;
      const context = this.#options.context();
      const isCalm = !this.#scheduled && context === this.#takenIn && context?.members.conduct === "member";
      if (!isCalm) return; // whatever is decided next comes here again
      for (let left = PREPARED_AT_ONCE; left > 0; left--) this.#prepared.prepareNext(context);
      this.#prepare();
    });
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

  /** A fresh speaker does not know who was elected before it came. */
  #relieves(key: string, { members: { alive }, self }: Context): boolean {
    const former = this.#owners.get(key);
    if (former !== undefined) return alive.has(former);
    return !this.#everSettled && alive.size > (alive.has(self) ? 1 : 0);
  }

  #noteOwner(key: string, verdict: Verdict): void {
    if (verdict.type === "silent" && verdict.owner?.by === "herald") {
      this.#owners.set(key, verdict.owner.node);
      this.#prepared.note(key, verdict.owner.node);
    } else {
      this.#owners.delete(key);
      this.#prepared.forget(key);
    }
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
      const relieves = this.#relieves(key, context);
      if (context.members.conduct === "member") this.#noteOwner(key, verdict);
      decisions.push({ key, verdict, bgp, touched, relieves });
      if (decisions.length % DECISIONS_PER_LOOK === 0 && now() >= until) break;
    }
    return decisions;
  }
}
