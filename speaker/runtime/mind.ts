import type { Backend } from "../../crds/config/backend.ts";
import { type Finding, textOfFinding } from "../../crds/config/finding.ts";
import type { Cancel, Clock } from "../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import type { EventRecorder } from "../../operator/framework/events.ts";
import type { KubeApi } from "../../operator/framework/kube-api.ts";
import type { Log } from "../../operator/framework/log.ts";
import type { Context, IntentOptions } from "../intent/context.ts";
import type { L2Announcement } from "../intent/intent.ts";
import type { Sha256 } from "../intent/l2-election.ts";
import { foreignSpeakerNodes, membersFromApi } from "../membership/from-api.ts";
import { reachabilityCondition } from "../status/reachability.ts";
import { Announcements } from "./announcements.ts";
import { Cluster } from "./cluster.ts";
import { Configuration } from "./configuration.ts";
import { type Decision, IntentEngine } from "./intent-engine.ts";
import type { ToMind, ToWire } from "./messages.ts";
import type { SharedState } from "./shared-state.ts";
import { addFrameCounts, type SpeakerMetrics } from "./speaker-metrics.ts";
import { TransitionReport } from "./transition-report.ts";

export type MindOptions = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  readonly namespace: string;
  readonly podLabels: string;
  /** Whose limits the configuration has to keep; Herald's own when absent. */
  readonly backend?: Backend;
  readonly intent: IntentOptions;
  readonly sha256: Sha256;
  readonly shared: SharedState;
  readonly sharedNow: () => number;
  readonly yieldThen: (run: () => void) => void;
  readonly post: (message: ToWire) => void;
  readonly events: EventRecorder;
  readonly metrics: SpeakerMetrics;
  /** What this node says of one Service changed: its status objects are to follow. */
  readonly onTransition: (service: string) => void;
  readonly onConfiguration: () => void;
};

/** How often the wire's tick is looked at. */
const WATCH_WIRE_MS = 250;

/** Decides what this node announces, and sends the wire the differences. */
export class Mind {
  readonly #options: MindOptions;
  readonly cluster: Cluster;
  readonly announcements = new Announcements();
  readonly report: TransitionReport;
  readonly #configuration: Configuration;
  readonly #engine: IntentEngine;
  readonly #startedAt: number;
  #interfaces: ReadonlySet<string> | undefined;
  #synced = false;
  #context: Context | undefined;
  /** The context of the last decisions on all Services, while it is not the present one. */
  #former: Context | undefined;
  #everSettled = false;
  #toldReachability: string | undefined;
  #wireAlive = true;
  #toAffirm: number | undefined;
  #toAnnounceAgain = false;
  #cancelWatch: Cancel = () => undefined;
  #stopped = false;
  /** Texts of the errors that are in the log. */
  #loggedErrors: ReadonlySet<string> = new Set();
  readonly #decided = Promise.withResolvers<void>();

  constructor(options: MindOptions) {
    this.#options = options;
    this.#startedAt = options.sharedNow();
    this.cluster = new Cluster({
      ...options,
      onService: (key, what) => this.#engine.touch(key, what),
      onMembers: () => this.#decideAndAnnounceAnew(),
      onConfiguration: () => this.#configuration.changed(),
    });
    this.report = new TransitionReport({ ...options, cluster: this.cluster });
    this.#configuration = new Configuration({
      clock: options.clock,
      backend: options.backend ?? "herald",
      resources: () => this.cluster.resources(),
      onAdopted: (changed) => this.#adopted(changed),
    });
    this.#engine = new IntentEngine({
      cluster: this.cluster,
      announced: (key) => this.announcements.of(key),
      now: () => options.clock.monotonic(),
      yieldThen: options.yieldThen,
      context: () => this.#currentContext(),
      onDecisions: (decisions) => this.#follow(decisions),
      onSettled: () => this.#settled(),
    });
  }

  /** Works until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    this.#watchWire();
    await this.cluster.start(signal, () => {
      this.#synced = true;
      this.#configuration.open();
    });
    this.#cancelWatch();
  }

  /** Takes a message of the wire's; `log` and `stop` are not for the mind itself. */
  receive(message: Extract<ToMind, { readonly type: "interfaces" | "affirm" | "counts" }>): void {
    switch (message.type) {
      case "interfaces":
        this.#interfaces = new Set(message.names);
        this.#engine.touchAll();
        return;
      case "affirm":
        this.#toAffirm = message.epoch;
        this.#lookAtWire();
        this.#decideAnew();
        return;
      case "counts":
        addFrameCounts(this.#options.metrics, message.counts);
        return;
    }
  }

  /** Announces nothing from now on: what is written about this node is to go. */
  stop(): readonly string[] {
    this.#stopped = true;
    return [...this.announcements.entries()].map(([key]) => key);
  }

  /** Resolves when every Service has been decided on once: before that, silence about one means nothing. */
  get decided(): Promise<void> {
    return this.#decided.promise;
  }

  /** What this node announces of a Service; nothing once stopped. */
  announced(service: string): readonly L2Announcement[] {
    return this.#stopped ? [] : this.announcements.of(service);
  }

  /** Undefined until a configuration is in force. */
  findings(): readonly Finding[] | undefined {
    return this.#configuration.snapshot === undefined ? undefined : this.#configuration.findings;
  }

  /** What is not as it should be about the announcements, in words. */
  remarks(): readonly DerivedCondition[] {
    const unreachable = reachabilityCondition(this.announcements.unreachable);
    return unreachable === undefined || this.#stopped ? [] : [unreachable];
  }

  /** What the present decisions rest on; undefined while too little is known. */
  context(): Context | undefined {
    return this.#currentContext();
  }

  get interfaces(): readonly string[] {
    return [...(this.#interfaces ?? [])];
  }

  #currentContext(): Context | undefined {
    const { snapshot } = this.#configuration;
    if (snapshot === undefined || !this.#synced || this.#interfaces === undefined) return undefined;
    if (this.#context !== undefined) return this.#context;
    const { node, intent, sha256 } = this.#options;
    const nodes = this.cluster.nodes();
    const view = this.cluster.members(nodes);
    const members = membersFromApi(view);
    if (members.conduct === "joining") return undefined;
    const alive = new Set(members.alive);
    if (!this.#wireAlive) alive.delete(node);
    this.#context = {
      snapshot,
      nodes,
      members: { ...members, alive },
      foreignSpeakers: foreignSpeakerNodes(view),
      self: node,
      options: intent,
      sha256,
    };
    return this.#context;
  }

  #decideAnew(): void {
    this.#former ??= this.#context;
    this.#context = undefined;
    this.#engine.touchAll();
  }

  #decideAndAnnounceAnew(): void {
    // Others may have announced an address of ours meanwhile: caches on the segment are to be mended. Only once it is
    // decided which addresses remain: a frame for one that has moved would draw its traffic back here.
    this.#toAnnounceAgain = true;
    this.#decideAnew();
  }

  #adopted(changed: boolean): void {
    const { metrics } = this.#options;
    const errors = this.#configuration.findings.filter(({ severity }) => severity === "error");
    metrics.client.configLoaded.set(1);
    metrics.client.configStale.set(errors.length > 0 ? 1 : 0);
    this.#logNew(errors);
    this.#options.onConfiguration();
    if (changed) this.#decideAndAnnounceAnew();
  }

  #logNew(errors: readonly Finding[]): void {
    const texts = new Set<string>();
    for (const finding of errors) {
      const { code, object } = finding;
      const reason = textOfFinding(finding);
      const text = JSON.stringify([code, object, reason]);
      texts.add(text);
      if (!this.#loggedErrors.has(text)) this.#options.log.warn("an object is set aside", { code, object, reason });
    }
    this.#loggedErrors = texts;
  }

  #follow(decisions: readonly Decision[]): void {
    const { post, metrics } = this.#options;
    const outcome = this.announcements.follow(decisions, this.#interfaces ?? new Set());
    if (outcome.changes.length > 0) post({ type: "changes", changes: outcome.changes });
    for (const _ of decisions) metrics.client.updates.inc();
    if (this.#context === undefined) return; // decisions come of a context
    this.report.add(outcome, { before: this.#former, after: this.#context, starting: !this.#everSettled });
  }

  #settled(): void {
    const { shared, post } = this.#options;
    shared.setMindReady();
    this.#decided.resolve();
    if (this.#toAnnounceAgain && this.announcements.size > 0) post({ type: "announce-again" });
    this.#toAnnounceAgain = false;
    if (this.#toAffirm !== undefined) post({ type: "affirmed", epoch: this.#toAffirm });
    this.#toAffirm = undefined;
    this.#former = undefined;
    this.#everSettled = true;
    this.report.settled();
    this.#tellReachability();
  }

  /** Once for all decisions together. */
  #tellReachability(): void {
    const text = reachabilityCondition(this.announcements.unreachable)?.message;
    if (text === this.#toldReachability) return;
    this.#toldReachability = text;
    this.#options.onConfiguration();
  }

  #watchWire(): void {
    this.#lookAtWire();
    // What is missing may have turned out not to come, such as a list of Pods that is forbidden.
    if (this.#context === undefined) this.#decideAnew();
    this.#cancelWatch = this.#options.clock.after(WATCH_WIRE_MS, () => this.#watchWire());
  }

  /** While the wire stands still or is deaf, this node is no member: others are to own its addresses. */
  #lookAtWire(): void {
    const { shared, sharedNow, log } = this.#options;
    const verdict = shared.judge(sharedNow(), this.#startedAt);
    if (verdict.alive === this.#wireAlive) return;
    this.#wireAlive = verdict.alive;
    if (verdict.alive) log.info("the wire is back");
    else log.error("the wire is lost; this node counts itself out", { reason: verdict.reason });
    this.#decideAnew();
  }
}
