import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../../operator/framework/conditions.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { BgpAnnouncement } from "../../bgp/route.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import type { Context } from "../../intent/context.ts";
import { type DrainStage, drainStageOf } from "../../intent/drain.ts";
import type { Decision } from "../intent/intent-engine.ts";
import type { Circumstances, TransitionReport } from "../report/transition-report.ts";
import type { ToWire } from "../threads/messages.ts";
import { BgpAnnouncements } from "./bgp-announcements.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { type BgpMetrics, BgpSeries } from "./bgp-metrics.ts";
import { BgpPeers, type BgpPeersOptions } from "./bgp-peers.ts";
import { BgpReport } from "./bgp-report.ts";
import { TraceDesk } from "./trace-desk.ts";

export type BgpDeskOptions = Omit<BgpPeersOptions, "listening" | "versionOf" | "onPlanned"> & {
  readonly clock: Clock;
  readonly log: Log;
  readonly post: (message: ToWire) => void;
  /** Routers may connect to this speaker. */
  readonly bgpListening?: boolean;
  readonly metrics: { readonly bgp: BgpMetrics };
  readonly cluster: { readonly secretVersion: BgpPeersOptions["versionOf"] };
  readonly report: TransitionReport;
  /** The conditions about the sessions changed. */
  readonly onConfiguration: () => void;
  /** To which peers a Service is advertised changed. */
  readonly onAdvertised: (service: string) => void;
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
  readonly traces: TraceDesk;
  readonly #series: BgpSeries;
  readonly #sessions: BgpReport;
  /** On the clock; undefined: the node is not being drained. */
  #drainingSince: number | undefined;
  #cancelDrain: Cancel = () => undefined;
  #complete = false;
  /** What the sessions are of. */
  #followed: Pick<Context, "snapshot" | "foreignHere"> | undefined;

  constructor(options: BgpDeskOptions) {
    this.#options = options;
    this.#drainWaitMs = options.drainWaitMs ?? DRAIN_WAIT_MS;
    this.#sessions = new BgpReport(options.clock, options.onConfiguration);
    const versionOf = (name: string): string | undefined => options.cluster.secretVersion(name);
    this.traces = new TraceDesk(options.clock, (question, peer) => options.post({ type: "bgp-trace", question, peer }));
    this.#series = new BgpSeries(options.metrics.bgp);
    const onPlanned = (): void => this.takeFacts(this.sessions);
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
    return this.#sessions.sessions;
  }

  /** Sessions that may not be opened for the time being. */
  get unopened(): readonly PlannedSession[] {
    return this.#sessions.unopened;
  }

  /** One for each BGPPeer of this node. */
  get conditions(): readonly DerivedCondition[] {
    return this.#sessions.conditions;
  }

  takeFacts(sessions: readonly BgpSessionFacts[]): void {
    this.#sessions.follow(this.peers.planned, sessions);
    this.#series.follow(this.peers.planned, sessions);
  }

  /** The BGPPeers of this node that a Service is advertised to, whatever their sessions do. Sorted. */
  peersOf(key: string): readonly string[] {
    const announcements = this.of(key);
    const isFor = (name: string): boolean => announcements.some(({ peers }) => peers.length === 0 || peers.includes(name));
    return this.peers.names.filter(isFor);
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
    for (const { service } of changes) this.#options.onAdvertised(service);
    this.#options.report.addBgp(transitions, circumstances);
  }

  /** Everything that was to be decided has been. */
  settled(context: Context | undefined): void {
    if (context !== undefined) this.followPeers(context);
    if (this.#complete) return;
    this.#complete = true;
    this.#options.post({ type: "routes-complete" });
  }

  /** A router keeps one session with a node: while MetalLB's speaker has it, it is not ours. */
  followPeers({ snapshot, foreignHere = false }: Pick<Context, "snapshot" | "foreignHere">): void {
    if (snapshot === this.#followed?.snapshot && foreignHere === this.#followed.foreignHere) return;
    this.#followed = { snapshot, foreignHere };
    const before = this.peers.names.join();
    this.peers.follow(foreignHere ? [] : snapshot.peers);
    if (this.peers.names.join() !== before) for (const [service] of this.entries()) this.#options.onAdvertised(service);
  }
}
