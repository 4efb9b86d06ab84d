import type { Finding } from "../../../crds/config/finding.ts";
import type { DerivedCondition } from "../../../operator/framework/conditions.ts";
import { encodeMemberFacts } from "../../codec/membership-facts.ts";
import type { Context } from "../../intent/context.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import { foreignSpeakerNodes, foreignSpeakerRunsOn } from "../../membership/from-api.ts";
import type { MemberView } from "../../membership/member-view.ts";
import { type FactLink, objectsWithoutMeaning, ownFacts } from "../../membership/own-facts.ts";
import { membershipCondition } from "../../status/configuration-state.ts";
import { unreachableCondition } from "../../status/unreachable.ts";
import { BfdDesk } from "../bfd/bfd-desk.ts";
import { BgpDesk } from "../bgp/bgp-desk.ts";
import { Cluster } from "../intent/cluster.ts";
import { Configuration } from "../intent/configuration.ts";
import { type Decision, IntentEngine } from "../intent/intent-engine.ts";
import { Announcements } from "../layer2/announcements.ts";
import { RivalDesk } from "../layer2/rival-desk.ts";
import { KnownMembers } from "../membership/known-members.ts";
import { MembershipFeed } from "../membership/membership-feed.ts";
import { sampleOwners } from "../membership/owner-samples.ts";
import { FindingLog } from "../report/finding-log.ts";
import { PacedConditions } from "../report/paced-conditions.ts";
import { addDropCounts, addFrameCounts, addRest } from "../report/speaker-metrics.ts";
import { type Circumstances, TransitionReport } from "../report/transition-report.ts";
import type { MindMessage } from "../threads/messages.ts";
import type { MindOptions } from "./mind-options.ts";
import { WireWatch } from "./wire-watch.ts";

/** A question to the segments waits for samples no longer than this. */
const SAMPLE_MS = 20;
/** Services whose announcements are sent to the wire in one message. */
const SENT_AT_ONCE = 200;

/** Decides what this node announces, and sends the wire the differences. */
export class Mind {
  readonly #options: MindOptions;
  readonly cluster: Cluster;
  readonly announcements = new Announcements();
  readonly report: TransitionReport;
  readonly #configuration: Configuration;
  readonly #engine: IntentEngine;
  readonly #members: KnownMembers;
  readonly #feed: MembershipFeed;
  readonly #findingLog: FindingLog;
  readonly rivals: RivalDesk;
  readonly bgp: BgpDesk;
  readonly bfd: BfdDesk;
  #interfaces: ReadonlySet<string> | undefined;
  #usable: readonly FactLink[] = [];
  #synced = false;
  #context: Context | undefined;
  /** The context of the last decisions on all Services, while it is not the present one. */
  #former: Context | undefined;
  #everSettled = false;
  readonly #reachability: PacedConditions;
  readonly #wire: WireWatch;
  #toAffirm: number | undefined;
  #toAnnounceAgain = false;
  #leaving = false;
  /** The wire was told to give way, and not yet what it announces again. */
  #frozen = false;
  #stopped = false;
  readonly #decided = Promise.withResolvers<void>();

  constructor(options: MindOptions) {
    this.#options = options;
    this.#members = new KnownMembers(options.membership, options.node);
    this.#feed = new MembershipFeed(options.postToBeat);
    this.#findingLog = new FindingLog(options.log);
    this.#wire = new WireWatch({
      ...options,
      onChange: () => this.#decideAnew(),
      // What is missing may have turned out not to come, such as a list of Pods that is forbidden.
      onLook: () => this.#context ?? this.#decideAnew(),
    });
    this.#reachability = new PacedConditions({
      clock: options.clock,
      present: () => [unreachableCondition(this.announcements.unreachable)].filter((one) => one !== undefined),
      onChange: options.onConfiguration,
    });
    this.cluster = new Cluster({
      ...options,
      onAddresses: (appeared, gone) => this.rivals.addressesChanged(appeared, gone),
      onService: (key, what) => this.#engine.touch(key, what),
      onMembers: () => {
        this.#tellBeat();
        this.#decideAndAnnounceAnew();
      },
      onConfiguration: () => this.#configuration.changed(),
      onSecret: () => this.bgp.peers.secretsChanged(),
    });
    const deciding = (): boolean => this.#engine.deciding;
    this.report = new TransitionReport({ ...options, cluster: this.cluster, deciding });
    const { cluster, report } = this;
    this.bgp = new BgpDesk({ ...options, cluster, report, decideAnew: () => this.#decideAnew() });
    this.bfd = new BfdDesk({ ...options, metrics: options.metrics.bfd });
    this.#configuration = new Configuration({
      clock: options.clock,
      backend: options.backend ?? "herald",
      resources: () => this.cluster.resources(),
      onAdopted: (changed) => this.#adopted(changed),
    });
    this.rivals = new RivalDesk({
      ...options,
      cluster: this.cluster,
      deciding,
      mute: () => this.#toAffirm !== undefined || this.#frozen,
      context: () => this.#currentContext(),
      cautious: () => this.#members.isCautious(options.clock.monotonic()),
      isAlive: (node) => this.#members.view?.members.get(node)?.alive ?? false,
      touch: (service, what) => this.#engine.touch(service, what),
    });
    this.#engine = new IntentEngine({
      cluster: this.cluster,
      announced: (key) => this.announcements.of(key),
      announcedByBgp: (key) => this.bgp.of(key),
      now: () => options.clock.monotonic(),
      yieldThen: options.yieldThen,
      sliceMs: options.sliceMs ?? ((usual) => usual),
      context: () => this.#currentContext(),
      onDecisions: (decisions) => this.#follow(decisions),
      onTakeovers: (takeovers) =>
        this.#followLayer2(takeovers.map((takeover) => ({ ...takeover, touched: undefined, relieves: false }))),
      onSettled: () => this.#settled(),
    });
  }

  /** Works until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    this.#wire.start();
    await this.cluster.start(signal, {
      onConfigured: () => this.#configuration.open(),
      onSynced: () => {
        this.#synced = true;
        this.#tellBeat();
        this.#decideAnew();
      },
    });
    this.#wire.stop();
  }

  /** Takes a message of the wire's; `log` and `stop` are not for the mind itself. */
  receive(message: MindMessage): void {
    switch (message.type) {
      case "interfaces":
        this.#interfaces = new Set(message.names);
        this.#usable = message.usable;
        this.#tellBeat();
        this.#engine.touchAll();
        return;
      case "affirm":
        this.#toAffirm = message.epoch;
        this.#wire.look();
        this.#decideAnew();
        return;
      case "counts":
        addFrameCounts(this.#options.metrics, message.counts);
        return;
      case "rested":
        addRest(this.#options.metrics, "wire", message.ms);
        return;
      case "bgp-facts":
        this.bgp.takeFacts(message.sessions);
        return;
      case "bgp-trace":
        this.bgp.traces.answer(message);
        return;
      case "members":
        this.#followMembers(message.view);
        return;
      case "ask-segment":
        this.#askSegment(message);
        return;
      case "dropped":
        addDropCounts(this.#options.metrics, message.dropped);
        return;
      case "bfd":
        this.bfd.receive(message);
        return;
      case "sighted":
      case "probed":
      case "contested":
      case "stood":
        this.rivals.receive(message);
        return;
      case "leave":
        this.#leaving = true;
        this.#decideAnew();
        return;
    }
  }

  /** Announces nothing from now on: what is written about this node is to go. */
  stop(): readonly string[] {
    this.#stopped = true;
    return [...new Set([...this.announcements.entries(), ...this.bgp.entries()].map(([key]) => key))];
  }

  /** Resolves when every Service has been decided on once: before that, silence about one means nothing. */
  get decided(): Promise<void> {
    return this.#decided.promise;
  }

  /** What this node announces of a Service; nothing once stopped. */
  announced(service: string): readonly L2Announcement[] {
    return this.#stopped ? [] : this.announcements.of(service);
  }

  /** The BGPPeers that this node advertises a Service to, sorted; nothing once stopped. */
  advertisedTo(service: string): readonly string[] {
    return this.#stopped ? [] : this.bgp.peersOf(service);
  }

  /** Undefined until a configuration is in force. */
  findings(): readonly Finding[] | undefined {
    return this.#configuration.snapshot === undefined ? undefined : this.#configuration.findings;
  }

  /** What is not as it should be about the announcements and between the speakers. */
  remarks(): readonly DerivedCondition[] {
    const unreachable = this.#stopped ? [] : this.#reachability.conditions;
    const membership = membershipCondition(this.#members.view?.remarks ?? []);
    const sessions = this.#stopped ? [] : this.bgp.conditions;
    return [...unreachable, ...sessions, ...(membership === undefined ? [] : [membership])];
  }

  /** What the membership protocol says; undefined: nothing yet, or it is off. */
  memberView(): MemberView | undefined {
    return this.#members.view;
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
    const members = this.#members.members(view);
    if (members === undefined) return undefined;
    const alive = new Set(members.alive);
    if (!this.#wire.alive || this.#leaving) alive.delete(node);
    this.#context = {
      snapshot,
      nodes,
      members: { ...members, alive },
      foreignSpeakers: foreignSpeakerNodes(view),
      self: node,
      foreignHere: foreignSpeakerRunsOn(node, view),
      drain: this.bgp.drain,
      options: intent,
      sha256,
    };
    return this.#context;
  }

  #followMembers(view: MemberView): void {
    const { clock, log, post, onConfiguration } = this.#options;
    const said = this.#members.view?.remarks ?? [];
    const changed = this.#members.follow(view, clock.monotonic());
    if (view.conduct === "freeze" && !this.#frozen) post({ type: "freeze" });
    if (view.conduct === "joining" && this.#frozen) post({ type: "hush" });
    this.#frozen ||= view.conduct === "freeze";
    if (JSON.stringify(said) !== JSON.stringify(view.remarks)) {
      if (view.remarks.length > 0) log.warn("membership is not as it should be", { remarks: view.remarks });
      else log.info("membership is as it should be");
      onConfiguration();
    }
    this.rivals.membersChanged(this.#members.current);
    if (changed) this.#decideAndAnnounceAnew();
  }

  /** What the other nodes need to know of this one, and this one of where they are. */
  #tellBeat(): void {
    if (!this.#synced) return;
    const drained = this.cluster.isDrained(this.#options.node);
    this.bgp.setDraining(drained);
    // A node that is shut down is not ready.
    this.bgp.peers.setDrains(drained || this.cluster.nodes().get(this.#options.node)?.ready === false);
    const { adopted } = this.#configuration;
    const setAside = adopted === undefined ? [] : objectsWithoutMeaning(adopted);
    this.#feed.tell({
      cluster: this.cluster.clusterId(),
      pods: this.cluster.speakerPods(),
      facts: encodeMemberFacts(ownFacts(this.#usable, setAside)),
      willing: !drained,
    });
  }

  #askSegment({ question, silent }: Extract<MindMessage, { readonly type: "ask-segment" }>): void {
    const { clock, post } = this.#options;
    const until = clock.monotonic() + SAMPLE_MS;
    const context = this.#currentContext();
    const names = silent.map(({ name }) => name);
    const isOurs = (service: string): boolean => this.announcements.of(service).length > 0;
    const mayGoOn = (): boolean => clock.monotonic() < until;
    const samples = context === undefined ? [] : sampleOwners(names, this.cluster, context, isOurs, mayGoOn);
    const macs = this.rivals.macsOf(names);
    const neighbours = silent.map(({ address }) => address).filter((address) => address !== "");
    post({ type: "ask-segment", question, neighbours, samples, macs });
  }

  #decideAnew(): void {
    this.#former ??= this.#context;
    this.#context = undefined;
    this.#openSessions();
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
    this.#findingLog.follow(errors);
    this.#options.onConfiguration();
    this.#tellBeat();
    if (this.#configuration.snapshot !== undefined) this.bfd.follow(this.#configuration.snapshot);
    if (changed) this.#decideAndAnnounceAnew();
  }

  /** They come up while the Services are read and decided on for the first time. */
  #openSessions(): void {
    const { snapshot } = this.#configuration;
    // Asked at each Node of the first list, too: to look at all of them each time would take long in a large cluster.
    if (this.#everSettled || snapshot === undefined) return;
    const view = this.cluster.members(this.cluster.nodes());
    if (view.synced) this.bgp.followPeers({ snapshot, foreignHere: foreignSpeakerRunsOn(this.#options.node, view) });
  }

  #follow(decisions: readonly Decision[]): void {
    for (const _ of decisions) this.#options.metrics.client.updates.inc();
    const circumstances = this.#followLayer2(decisions);
    if (circumstances !== undefined) this.bgp.follow(decisions, circumstances);
  }

  /** @returns undefined when nothing more is to follow of the decisions. */
  #followLayer2(decisions: readonly Omit<Decision, "bgp">[]): Circumstances | undefined {
    const { post, clock } = this.#options;
    const mayHandOver = this.#members.mayHandOver(clock.monotonic());
    this.rivals.decided(decisions);
    const outcome = this.announcements.follow(decisions, this.#interfaces ?? new Set(), mayHandOver, this.rivals.hold);
    if (outcome.changes.length > 0) post({ type: "changes", changes: outcome.changes });
    this.rivals.followed();
    if (this.#context === undefined) return undefined; // decisions come of a context
    const circumstances = { before: this.#former, after: this.#context, starting: !this.#everSettled };
    this.report.add(outcome, circumstances);
    return circumstances;
  }

  #settled(): void {
    const { shared, post } = this.#options;
    shared.setMindReady();
    this.#decided.resolve();
    this.rivals.settled();
    if (this.#frozen && this.#members.view?.conduct !== "freeze") {
      this.#frozen = false;
      post({ type: "thaw" });
      this.#sendAgain([...this.announcements.entries()].map(([service]) => service));
    }
    if (this.#toAnnounceAgain && this.announcements.size > 0) post({ type: "announce-again" });
    this.#toAnnounceAgain = false;
    if (this.#toAffirm !== undefined) post({ type: "affirmed", epoch: this.#toAffirm });
    this.#toAffirm = undefined;
    this.#former = undefined;
    this.#everSettled = true;
    this.bgp.settled(this.#context);
    this.report.settled();
    this.#reachability.follow();
  }

  /** In parts, each as it is then: to read thousands at once would keep the wire from answering. */
  #sendAgain(services: readonly string[]): void {
    const { post, yieldThen } = this.#options;
    const changes = this.announcements.asChanges(services.slice(0, SENT_AT_ONCE));
    if (changes.length > 0) post({ type: "changes", changes });
    if (services.length > SENT_AT_ONCE) yieldThen(() => this.#sendAgain(services.slice(SENT_AT_ONCE)));
  }
}
