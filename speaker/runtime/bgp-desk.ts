import type { Cancel, Clock } from "../../operator/framework/clock.ts";
import type { Log } from "../../operator/framework/log.ts";
import type { BgpAnnouncement } from "../bgp/route.ts";
import type { Context } from "../intent/context.ts";
import { type DrainStage, drainStageOf } from "../intent/drain.ts";
import { BgpAnnouncements } from "./bgp-announcements.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { type BgpMetrics, BgpSeries } from "./bgp-metrics.ts";
import { BgpPeers, type BgpPeersOptions } from "./bgp-peers.ts";
import type { Decision } from "./intent-engine.ts";
import type { ToWire } from "./messages.ts";
import type { Circumstances, TransitionReport } from "./transition-report.ts";

export type BgpDeskOptions = Omit<BgpPeersOptions, "listening" | "versionOf" | "onPlanned"> & {
  readonly clock: Clock;
  readonly log: Log;
  readonly post: (message: ToWire) => void;
  /** Routers may connect to this speaker. */
  readonly bgpListening?: boolean;
  readonly metrics: { readonly bgp: BgpMetrics };
  readonly cluster: { readonly secretVersion: BgpPeersOptions["versionOf"] };
  readonly report: TransitionReport;
  /** How long the routes of a node that is being drained stand, with the mark that they are about to go; absent: 30 seconds. */
  readonly drainWaitMs?: number | undefined;
  /** The drain has come further: all is to be decided anew. */
  readonly decideAnew: () => void;
};

/** Time enough for routers to have turned to other nodes. */
const DRAIN_WAIT_MS = 30_000;

/** The mind's part of BGP: sends the wire what differs, and keeps the time of a drain. */
export class BgpDesk {
  readonly #options: BgpDeskOptions;
  readonly #drainWaitMs: number;
  readonly #announcements = new BgpAnnouncements();
  readonly peers: BgpPeers;
  readonly #series: BgpSeries;
  #sessions: readonly BgpSessionFacts[] = [];
  /** On the clock; undefined: the node is not being drained. */
  #drainingSince: number | undefined;
  #cancelDrain: Cancel = () => undefined;
  #complete = false;

  constructor(options: BgpDeskOptions) {
    this.#options = options;
    this.#drainWaitMs = options.drainWaitMs ?? DRAIN_WAIT_MS;
    const versionOf = (name: string): string | undefined => options.cluster.secretVersion(name);
    this.#series = new BgpSeries(options.metrics.bgp);
    const onPlanned = (): void => this.#series.follow(this.peers.planned, this.#sessions);
    this.peers = new BgpPeers({ ...options, listening: options.bgpListening ?? false, versionOf, onPlanned });
  }

  /** What one Service announces from this node; empty when nothing. */
  of(key: string): readonly BgpAnnouncement[] {
    return this.#announcements.of(key);
  }

  entries(): IterableIterator<readonly [string, readonly BgpAnnouncement[]]> {
    return this.#announcements.entries();
  }

  /** The sessions of this node, as the wire last told. */
  get sessions(): readonly BgpSessionFacts[] {
    return this.#sessions;
  }

  /** What the wire says of its sessions. */
  receive(sessions: readonly BgpSessionFacts[]): void {
    this.#sessions = sessions;
    this.#series.follow(this.peers.planned, sessions);
  }

  /** How far the node has come now. */
  get drain(): DrainStage {
    return drainStageOf(this.#drainingSince, this.#options.clock.monotonic(), this.#drainWaitMs);
  }

  /** What the Node's annotation says. A node that is drained when its speaker starts has no routes that could give notice. */
  setDraining(draining: boolean): void {
    if (draining === (this.#drainingSince !== undefined)) return;
    const { clock, log, decideAnew } = this.#options;
    this.#cancelDrain();
    this.#drainingSince = undefined;
    if (!draining) return;
    this.#drainingSince = this.#complete ? clock.monotonic() : Number.NEGATIVE_INFINITY;
    if (!this.#complete) return;
    log.info("this node is being drained: its routes say so now, and are withdrawn later", { waitMs: this.#drainWaitMs });
    this.#cancelDrain = clock.after(this.#drainWaitMs, decideAnew);
  }

  follow(decisions: readonly Decision[], circumstances: Circumstances): void {
    const { changes, transitions } = this.#announcements.follow(decisions);
    if (changes.length > 0) this.#options.post({ type: "routes", changes });
    this.#options.report.addBgp(transitions, circumstances);
  }

  /**
   * Everything that was to be decided has been.
   * @param context of the decisions. A router keeps one session with a node: while MetalLB's speaker has it, it is not ours.
   */
  settled(context: Context | undefined): void {
    if (context !== undefined) {
      this.peers.follow(context.foreignHere === true ? [] : context.snapshot.peers);
    }
    if (this.#complete) return;
    this.#complete = true;
    this.#options.post({ type: "routes-complete" });
  }
}
