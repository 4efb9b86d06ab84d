import { ownerOf } from "../../../crds/config/pools/address-owners.ts";
import type { ConflictPolicy } from "../../../crds/config/pools/conflict-policy.ts";
import { type Address, formatAddress } from "../../../crds/net/address.ts";
import { heraldEventReasons } from "../../../crds/types/well-known.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { EventRecorder } from "../../../operator/framework/write/events.ts";
import type { Stand } from "../../codec/membership-stand.ts";
import type { Context } from "../../intent/context.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import type { Sha256 } from "../../intent/l2-election.ts";
import { type ElectionStand, standOf } from "../../intent/stand.ts";
import { conflictOverText, conflictText } from "../../l2/conflict/conflict-text.ts";
import { FirstAnnouncements } from "../../l2/conflict/first-announcements.ts";
import type { RivalEffect, RivalEvent } from "../../l2/conflict/rival-event.ts";
import { Rivals, type Withheld } from "../../l2/conflict/rivals.ts";
import type { Members } from "../../membership/members.ts";
import type { Cluster } from "../intent/cluster.ts";
import type { Decision } from "../intent/intent-engine.ts";
import { MemberMacs } from "../membership/member-macs.ts";
import type { SpeakerMetrics } from "../report/speaker-metrics.ts";
import type { HardwareAddress, RivalReport, ToBeat, ToWire } from "../threads/messages.ts";
import { HeldSightings } from "./held-sightings.ts";
import { TakeoverDesk } from "./takeover-desk.ts";
import { WantedAddresses } from "./wanted-addresses.ts";

export type RivalDeskOptions = {
  readonly node: string;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SpeakerMetrics;
  readonly cluster: Pick<Cluster, "service" | "endpoints" | "object" | "stayingSpeakers">;
  /** What the present decisions rest on. */
  readonly context: () => Context | undefined;
  readonly isAlive: (node: string) => boolean;
  /** The other speakers cannot be asked whether they live, though they may. */
  readonly cautious: () => boolean;
  /** How long a probe takes; 0: nothing is probed before its first announcement. */
  readonly addressProbeMs: number;
  readonly post: (message: ToWire) => void;
  readonly postToBeat: (message: ToBeat) => void;
  /** The wire stood still, and is mute until it is told anew what this node announces: who answers meanwhile is not to stop. */
  readonly mute: () => boolean;
  /** Something is decided anew at this moment. */
  readonly deciding: () => boolean;
  /** The Service is to be decided anew: because of a rival, or since its first announcement has waited for long enough. */
  readonly touch: (service: string, what: "rival" | "service") => void;
  readonly events: EventRecorder;
};

/** Addresses that a log line names at most. */
const namedAtOnce = 10;

/** Why an address is not announced that this node was elected to announce. */
export type WithheldReason = Withheld | "probed" | "answered";

/** The mind's part in conflicts: runs the machine, on what decisions, members and configuration are at the moment. */
export class RivalDesk {
  readonly #options: RivalDeskOptions;
  readonly #wanted = new WantedAddresses();
  readonly #first: FirstAnnouncements;
  readonly #rivals: Rivals;
  readonly #takeovers: TakeoverDesk;
  readonly #macs: MemberMacs;
  readonly #held = new HeldSightings();
  #macsTold = "";
  #watching = false;
  #toProbe: L2Announcement[] = [];
  #tickAt = Number.POSITIVE_INFINITY;
  #cancelTick: Cancel = () => undefined;

  constructor(options: RivalDeskOptions) {
    this.#options = options;
    const { node: self, sha256, clock, addressProbeMs, isAlive, context } = options;
    this.#macs = new MemberMacs(self);
    this.#first = new FirstAnnouncements(addressProbeMs);
    this.#takeovers = new TakeoverDesk({ ...options, wanted: this.#wanted, nodeOf: (mac) => this.#macs.nodeOf(mac) });
    this.#rivals = new Rivals(
      {
        self,
        sha256,
        isAlive,
        stand: (ip) => this.#stand(ip),
        policy: (ip) => this.#policy(ip),
        nodeOf: (mac) => this.#macs.nodeOf(mac),
        macsKnown: () => this.#macsKnown(),
        frozen: () => context()?.members.conduct === "freeze",
      },
      clock.monotonic(),
    );
  }

  /** Everything is decided. From now on, addresses that appear are new to the cluster. */
  settled(): void {
    this.#watching = true;
    this.#lookAtHeld();
  }

  /** A Service got addresses, or lost some. Canonical texts. */
  addressesChanged(appeared: readonly string[], gone: readonly string[]): void {
    for (const ip of gone) this.#first.forget(ip);
    this.#takeovers.forget(gone);
    if (this.#watching) for (const ip of appeared) this.#first.appeared(ip);
  }

  /** Takes note of decisions, before they are followed. */
  decided(decisions: readonly Omit<Decision, "bgp">[]): void {
    for (const { key, verdict } of decisions) {
      this.#wanted.set(key, verdict.type === "announce" ? verdict.announcements : []);
      if (verdict.type !== "silent" || this.#first.size + this.#takeovers.size === 0) continue;
      const ips = this.#options.cluster.service(key)?.ingress ?? [];
      this.#takeovers.forget(ips);
      const elsewhere = verdict.owner !== undefined && verdict.owner.by !== "nobody";
      if (elsewhere) for (const ip of ips) this.#first.forget(ip);
    }
  }

  /**
   * Asked before an address is announced. @returns why it is not to be, though this node was elected; undefined: it is.
   * @param isAnnounced this node announces it already.
   */
  readonly hold = (address: Address, isAnnounced: boolean): WithheldReason | undefined => {
    const wouldTake = !isAnnounced && this.#takeovers.isActive(this.#now());
    // Nearly always: this is asked for every address whenever all are decided anew.
    if (this.#first.size === 0 && !this.#rivals.withholds && !wouldTake) return undefined;
    const ip = formatAddress(address);
    const announcement = this.#wanted.announcementOf(ip);
    const step = this.#first.announce(ip, this.#policy(ip) === "quarantine", this.#now());
    if (step === "start" && announcement !== undefined) this.#toProbe.push(announcement);
    if (step !== "go") return "probed";
    const withheld = this.#rivals.withheld(ip);
    return withheld === undefined && wouldTake && this.#takeovers.holds(ip, this.#now()) ? "answered" : withheld;
  };

  /** Decisions were followed: probes for what they hold back go out. */
  followed(): void {
    if (this.#toProbe.length > 0) this.#options.post({ type: "probe", announcements: this.#toProbe });
    this.#toProbe = [];
    this.#tickTakeovers();
    this.#plan();
  }

  receive(message: RivalReport | Extract<RivalEvent, { readonly type: "contested" | "stood" }>): void {
    if (message.type === "probed") {
      const first = this.#first.isWaiting(message.ip);
      this.#first.forget(message.ip);
      this.#transition({ type: first ? "probed" : "sighted", sightings: message.sightings });
      const taken = this.#takeovers.probed(message.ip, message.sightings, this.#now());
      if (first || taken) this.#touch(message.ip, first ? "service" : "rival");
      this.#tickTakeovers();
      this.#plan();
      return;
    }
    if (message.type === "sighted") {
      if (message.dropped > 0) this.#options.metrics.rivalsDropped.add({}, message.dropped);
      this.#held.add(message.sightings, this.#now());
      if (this.#options.deciding()) this.#plan();
      else this.#lookAtHeld();
      return;
    }
    this.#transition(message);
  }

  #lookAtHeld(): void {
    const sightings = this.#held.take();
    if (sightings.length > 0) this.#transition({ type: "sighted", sightings });
  }

  /** The other speakers, or what they say of themselves, are others than before. */
  membersChanged(members: Members): void {
    this.#macs.follow(members);
    const macs = this.#macs.numbers;
    const text = macs.join(" ");
    if (text !== this.#macsTold) this.#options.post({ type: "member-macs", macs });
    this.#macsTold = text;
    this.#tickTakeovers();
    if (this.#held.isDue(this.#now())) this.#lookAtHeld();
    this.#transition({ type: "tick" });
  }

  /** Hardware addresses of these nodes, also of interfaces that they do not name at present. */
  macsOf(nodes: readonly string[]): readonly HardwareAddress[] {
    return this.#macs.of(nodes);
  }

  /** For people. */
  state(): object {
    const answered = this.#takeovers.waiting();
    return { conflicts: this.#rivals.conflicts(), yielded: this.#rivals.yielded(), ...(answered.length > 0 && { answered }) };
  }

  #stand(ip: string): Stand | undefined {
    const { cluster, node } = this.#options;
    const context = this.#options.context();
    if (context === undefined || this.#first.isWaiting(ip) || this.#takeovers.isWaiting(ip)) return undefined;
    let best: ElectionStand | undefined;
    for (const key of this.#wanted.servicesOf(ip)) {
      const stand = standOf(cluster.service(key), cluster.endpoints(key), context);
      if (stand !== undefined && (best === undefined || stand.score > best.score)) best = stand;
    }
    return best && { ...best, address: ip, lapsing: !context.members.alive.has(node) || this.#options.mute() };
  }

  #policy(ip: string): ConflictPolicy {
    const announcement = this.#wanted.announcementOf(ip);
    const owners = this.#options.context()?.snapshot.owners;
    if (announcement === undefined || owners === undefined) return "report";
    return ownerOf(owners, announcement.address)?.conflictPolicy ?? "report";
  }

  /** MetalLB's speakers tell nothing of themselves, and without the membership protocol nobody does. */
  #macsKnown(): boolean {
    const context = this.#options.context();
    if (context === undefined || context.foreignSpeakers.size > 0) return false;
    for (const node of context.members.alive) if (!this.#macs.knows(node)) return false;
    return true;
  }

  #transition(event: RivalEvent): void {
    const effects = this.#rivals.transition(event, this.#now());
    for (const effect of effects) this.#perform(effect);
    this.#tellSettled(effects);
    this.#plan();
  }

  /** One line for all addresses of one outcome: a node that comes back may stand for thousands. */
  #tellSettled(effects: readonly RivalEffect[]): void {
    const outcomes = new Map<string, { readonly node: string; readonly kept: boolean; readonly ips: string[] }>();
    for (const effect of effects) {
      if (effect.type !== "settled") continue;
      const { ip, node, kept } = effect;
      const key = `${node} ${kept}`;
      const outcome = outcomes.get(key) ?? { node, kept, ips: [] };
      outcomes.set(key, outcome);
      outcome.ips.push(ip);
    }
    for (const { node, kept, ips } of outcomes.values()) {
      const addresses = { addresses: ips.length, ips: ips.slice(0, namedAtOnce) };
      this.#options.log.info("another node stands for addresses of this one, too", { node, kept, ...addresses });
    }
  }

  #perform(effect: RivalEffect): void {
    const { log, metrics, post, postToBeat } = this.#options;
    switch (effect.type) {
      case "ask":
      case "answer":
        postToBeat(effect);
        return;
      case "withheld-changed":
        this.#touch(effect.ip, "rival");
        return;
      case "settled":
        metrics.contests.add({ outcome: effect.kept ? "kept" : "yielded" });
        return;
      case "defend":
        metrics.defences.inc();
        post(effect);
        return;
      case "probe": {
        const announcement = this.#wanted.announcementOf(effect.ip);
        if (announcement !== undefined) post({ type: "probe", announcements: [announcement] });
        return;
      }
      case "began":
      case "ended":
        this.#tell(effect);
        return;
      case "claims-many":
        log.warn("a machine claims many addresses of this node, as one with proxy ARP does", { mac: effect.mac });
        return;
    }
  }

  #tell(effect: Extract<RivalEffect, { readonly type: "began" | "ended" }>): void {
    const { metrics, log } = this.#options;
    const { conflict, told } = effect;
    const { ip, mac, cause } = conflict;
    const began = effect.type === "began";
    if (began) metrics.conflict.setFor({ ip, mac, cause }, 1);
    else metrics.conflict.remove({ ip, mac, cause });
    if (!told) return;
    const text = began ? conflictText(conflict, this.#rivals.claimsMany(mac)) : conflictOverText(conflict);
    const { addressConflict, addressConflictOver } = heraldEventReasons;
    if (began) log.warn("another machine claims an address of this node", { ...conflict, text });
    else log.info("a conflict about an address is over", { ip, mac, released: effect.released });
    if (!began && effect.released) return;
    const [type, reason] = began ? (["Warning", addressConflict] as const) : (["Normal", addressConflictOver] as const);
    for (const service of this.#wanted.servicesOf(ip)) this.#record(service, type, reason, text);
  }

  #record(key: string, type: "Normal" | "Warning", reason: string, message: string): void {
    const { cluster, events } = this.#options;
    const service = cluster.object(key);
    if (service === undefined) return;
    events.record({ apiVersion: "v1", kind: "Service", metadata: service.metadata }, type, reason, message);
  }

  #touch(ip: string, what: "rival" | "service"): void {
    for (const service of this.#wanted.servicesOf(ip)) this.#options.touch(service, what);
  }

  #tick(): void {
    for (const ip of this.#first.expire(this.#now())) this.#touch(ip, "service");
    this.#tickTakeovers();
    if (this.#held.isDue(this.#now())) this.#lookAtHeld();
    this.#transition({ type: "tick" });
  }

  #tickTakeovers(): void {
    const { probe, free } = this.#takeovers.tick(this.#now());
    if (probe.length > 0) this.#options.post({ type: "probe", announcements: probe });
    for (const ip of free) this.#touch(ip, "rival");
  }

  #plan(): void {
    const times = [this.#rivals.nextAt(), this.#first.nextAt(), this.#takeovers.nextAt(), this.#held.nextAt()];
    const next = Math.min(...times.map((at) => at ?? Number.POSITIVE_INFINITY));
    if (next === this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = next;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#cancelTick = this.#options.clock.after(Math.max(0, next - this.#now()), () => {
      this.#tickAt = Number.POSITIVE_INFINITY;
      this.#tick();
    });
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}
