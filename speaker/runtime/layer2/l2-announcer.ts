import type { Address } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { etherType } from "../../codec/ethernet.ts";
import { addressOfOctets, octetsOfAddress } from "../../codec/ip-octets.ts";
import { macNumber } from "../../codec/mac.ts";
import { u16At } from "../../codec/octets.ts";
import { type AddressChange, AnnouncementTable } from "../../l2/announcement-table.ts";
import { CarrierDamping } from "../../l2/carrier-damping.ts";
import { type GratuitousOptions, GratuitousSchedule } from "../../l2/gratuitous.ts";
import { type GroupChange, SolicitedNodeGroups } from "../../l2/groups.ts";
import { HandOver } from "../../l2/hand-over.ts";
import { selectLinks, type WireLink } from "../../l2/link-selection.ts";
import { type Asker, RecentAskers } from "../../l2/recent-askers.ts";
import { Relief } from "../../l2/relief.ts";
import { respond } from "../../l2/responder.ts";
import { StayingAddresses } from "../../l2/staying-addresses.ts";
import type { FactLink } from "../../membership/own-facts.ts";
import type { GroupMembership, Link, TapFactory } from "../../native/ports.ts";
import { SegmentAsker } from "../membership/segment-asker.ts";
import type { AnnouncementChange, RivalReport, SegmentWord, ToWire } from "../threads/messages.ts";
import type { FrameCounter } from "./frame-counter.ts";
import { RivalWatch } from "./rival-watch.ts";
import { TapSet } from "./tap-set.ts";

export type L2AnnouncerOptions = {
  readonly taps: TapFactory;
  readonly groups: GroupMembership;
  /** Interfaces that neither answer nor count as existing. */
  readonly isExcluded: (interfaceName: string) => boolean;
  readonly gratuitous: GratuitousOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly counter: FrameCounter;
  /** Asked before every frame that is sent: false while this node must not speak. */
  readonly maySpeak: () => boolean;
  readonly gateways: () => Promise<readonly Address[]>;
  readonly onSegment: (word: SegmentWord) => void;
  /** How long a probe for an address takes. */
  readonly probeMs: number;
  readonly onRivals: (report: RivalReport) => void;
  /** A tap died by itself, or was opened again: {@link L2Announcer.tapsAlive} may have changed. */
  readonly onTaps: () => void;
};

/** How often taps and groups that failed are tried again. */
const RETRY_MS = 1_000;
/** So long after the last address came or went the kernel is told which questions are wanted: that costs some milliseconds each time. */
const NARROW_AFTER_MS = 1_000;

/** Answers for the announced addresses on every link, and tells the segments about them. */
export class L2Announcer {
  readonly #options: L2AnnouncerOptions;
  readonly #table = new AnnouncementTable();
  readonly #schedule: GratuitousSchedule;
  readonly #groups: SolicitedNodeGroups;
  readonly #tapSet: TapSet;
  readonly #segmentAsker: SegmentAsker;
  readonly #handOver = new HandOver();
  readonly #relief = new Relief();
  readonly #carriers = new CarrierDamping();
  readonly #askers = new RecentAskers();
  readonly #failedJoins = new Map<string, GroupChange>();
  readonly #rivals: RivalWatch;
  #links: readonly Link[] = [];
  #linkByName: ReadonlyMap<string, WireLink> = new Map();
  #nodeMacs: ReadonlySet<number> = new Set();
  #frozen = false;
  /** Others have surely taken over what was this node's: nothing is answered for until it is known again what is. */
  #silent = false;
  #tickAt = Number.POSITIVE_INFINITY;
  #cancelTick: Cancel = () => undefined;
  #cancelRetry: Cancel = () => undefined;
  #cancelHandOver: Cancel = () => undefined;
  #cancelNarrow: Cancel = () => undefined;
  #retryPending = false;

  constructor(options: L2AnnouncerOptions) {
    this.#options = options;
    const staying = new StayingAddresses(this.#table, (service) => this.#handOver.has(service));
    this.#schedule = new GratuitousSchedule(staying, this.#askers, options.gratuitous, options.clock.monotonic());
    this.#groups = new SolicitedNodeGroups(this.#table);
    this.#segmentAsker = new SegmentAsker({
      clock: options.clock,
      gateways: options.gateways,
      askers: (count) => this.latestAskers(count).flatMap(({ ip }) => addressOfOctets(ip) ?? []),
      send: (link, frame) => this.#send(link.index, frame),
      onAnswer: options.onSegment,
    });
    this.#rivals = new RivalWatch({
      ...options,
      links: () => this.#linkByName.values(),
      nodeMacs: () => this.#nodeMacs,
      announced: (ip) => this.#table.get(ip),
      send: ({ link, frame }) => this.#sendOn(link, frame),
      post: options.onRivals,
    });
    this.#tapSet = new TapSet(
      options.taps,
      options.log,
      (link, frame) => this.#received(link, frame),
      () => {
        options.onTaps();
        this.#retryLater();
      },
    );
    this.#narrowLater();
  }

  /** False when frames are wanted and no tap is open. */
  get tapsAlive(): boolean {
    return this.#tapSet.alive;
  }

  /** Addresses that are announced. */
  get size(): number {
    return this.#table.size;
  }

  /** Hosts that were answered lately on the links that are listened to, each once, the latest first. */
  latestAskers(count: number): readonly Asker[] {
    const present = new Set([...this.#linkByName.values()].map(({ index }) => index));
    return this.#askers.latest(count, (linkIndex) => present.has(linkIndex));
  }

  /**
   * Follows the host's links. @returns the names that an advertisement may list, sorted, and the interfaces that answer.
   * @param missed any link may have been down unseen.
   */
  setLinks(links: readonly Link[], missed = false): { readonly names: readonly string[]; readonly usable: readonly FactLink[] } {
    const { existing, wire } = selectLinks(links, this.#options.isExcluded);
    this.#links = links;
    this.#linkByName = new Map(wire.map((link) => [link.name, link]));
    this.#nodeMacs = new Set(links.filter(({ mac }) => mac.length === 6).map(({ mac }) => macNumber(mac)));
    this.#noteUnplugged();
    if (missed) this.#tapSet.close();
    this.#tapSet.setLinks(wire, links);
    this.#changeGroups(this.#groups.setLinks(wire));
    this.#schedule.setLinks(wire, this.#now());
    this.#tick();
    this.#segmentAsker.setLinks(wire, links);
    return { names: [...existing].sort(), usable: usableLinks(wire, links, this.#carriers.follow(wire, this.#now())) };
  }

  /** When {@link setLinks} may give other usable interfaces for the same links; undefined: not by time alone. */
  get linksChangeAt(): number | undefined {
    return this.#carriers.nextAt(this.#now());
  }

  /**
   * Takes over what Services announce from now on: it is told to the segments, addresses that are new first, and answered for at once
   * or, where another node still does, once it was told.
   */
  apply(changes: readonly AnnouncementChange[]): void {
    const changed: AddressChange[] = [];
    const services: string[] = [];
    const returned = new Set<string>();
    for (const { service, announcements, handOver, relieves } of changes) {
      if (handOver === true && announcements.length === 0) {
        this.#beginHandOver(service);
        continue;
      }
      // Nothing was announced of it for a while, and its next owner may have begun.
      if (this.#handOver.has(service)) returned.add(service);
      this.#handOver.forget(service);
      const addresses = this.#table.set(service, announcements);
      if (relieves === true) this.#relieve(addresses);
      changed.push(...addresses);
      services.push(service);
    }
    this.#changeGroups(this.#groups.apply(changed));
    this.#followTargets(changed);
    const now = this.#now();
    for (const { before, after } of changed) {
      if (after !== undefined) this.#schedule.announce(after, "fresh", now);
      else if (before !== undefined) this.#withdraw(before.text);
    }
    for (const service of services) {
      for (const address of this.#table.addressesOf(service)) {
        if (returned.has(service)) this.#schedule.withdraw(address.text);
        this.#schedule.announce(address, returned.has(service) ? "fresh" : "again", now);
      }
    }
    this.#awaitHandOver();
    this.#tick();
  }

  /**
   * This node does not know what the others do: it answers, announces nothing, and gives up an address that another machine
   * announces. Where a link was without its carrier meanwhile the others have surely taken over: then it is silent, too.
   */
  freeze(): void {
    this.#frozen = true;
    this.#noteUnplugged();
    for (const service of [...this.#table.services()]) this.#beginHandOver(service, Number.POSITIVE_INFINITY);
  }

  /** Others were the owners of what was being handed over for longer than that takes: it is given up at once. */
  endHandOvers(): void {
    this.#end(this.#handOver.endAll());
  }

  /** Tells the segments about every address anew, but for those that are another's soon. */
  announceAll(): void {
    this.#schedule.announceAll();
    this.#tick();
  }

  /** Asks who is there; the answer goes to `onSegment`. */
  askSegment(question: Extract<ToWire, { readonly type: "ask-segment" }>): Promise<void> {
    return this.#segmentAsker.ask(question);
  }

  /** What this node does about machines that claim addresses. */
  get rivals(): RivalWatch {
    return this.#rivals;
  }

  /** Frozen, and the others are heard again, who went on without this node: it is silent until it is thawed. */
  hush(): void {
    this.#silent ||= this.#frozen;
  }

  /** What this node announces is known again, and applied after this. */
  thaw(): void {
    this.#frozen = false;
    this.#silent = false;
  }

  close(): void {
    this.#rivals.close();
    this.#cancelTick();
    this.#cancelRetry();
    this.#cancelHandOver();
    this.#segmentAsker.close();
    this.#cancelNarrow();
    this.#tapSet.close();
    this.#options.groups.close();
  }

  /** Who is without a carrier hears nobody for longer than others take to find it silent. */
  #noteUnplugged(): void {
    this.#silent ||= this.#frozen && [...this.#linkByName.values()].some(({ carrier }) => !carrier);
  }

  #relieve(changed: readonly AddressChange[]): void {
    for (const { before, after } of changed)
      if (before === undefined && after !== undefined) this.#relief.begin(after.text, this.#now());
  }

  #withdraw(text: string): void {
    this.#schedule.withdraw(text);
    this.#relief.end(text);
  }

  #beginHandOver(service: string, lastsMs?: number): void {
    const addresses = this.#table.addressesOf(service).map(({ text }) => text);
    if (addresses.length > 0 && !this.#handOver.begin(service, addresses, this.#now(), lastsMs)) this.#end([service]);
  }

  #awaitHandOver(): void {
    this.#cancelHandOver();
    const next = this.#handOver.nextAt();
    if (next === undefined) return;
    this.#cancelHandOver = this.#options.clock.after(next - this.#now(), () => {
      this.#end(this.#handOver.expire(this.#now()));
      this.#awaitHandOver();
    });
  }

  #end(services: readonly string[]): void {
    if (services.length === 0) return;
    this.apply(services.map((service) => ({ service, announcements: [] })));
  }

  /** Questions for an address that has just come must be heard at once; not to hear the others any more has time. */
  #followTargets(changed: readonly AddressChange[]): void {
    const set = changed.filter(({ before, after }) => before === undefined || after === undefined);
    if (set.length === 0) return;
    if (set.some(({ after }) => after !== undefined)) this.#tapSet.askFor(undefined);
    this.#narrowLater();
  }

  #narrowLater(): void {
    this.#cancelNarrow();
    this.#cancelNarrow = this.#options.clock.after(NARROW_AFTER_MS, () => {
      const targets: { readonly arp: number[]; readonly ndp: number[] } = { arp: [], ndp: [] };
      for (const { address } of this.#table.values())
        targets[address.family === "IPv4" ? "arp" : "ndp"].push(Number(BigInt.asUintN(32, address.bits)));
      this.#tapSet.askFor({ arp: Uint32Array.from(targets.arp), ndp: Uint32Array.from(targets.ndp) });
    });
  }

  #received(link: WireLink, frame: Uint8Array): void {
    const { counter, maySpeak } = this.#options;
    this.#segmentAsker.hear(frame);
    this.#rivals.hear(link, frame);
    const answer = respond(this.#table, link, frame, this.#nodeMacs);
    if (answer.type === "ignored") return;
    const { address, reply, rival } = answer;
    if (reply !== undefined && maySpeak() && !this.#silent && !this.#relief.has(address.text, this.#now())) {
      counter.add(address.text, "requests");
      if (this.#send(link.index, reply)) counter.add(address.text, "responses");
      if (!this.#nodeMacs.has(macNumber(reply)))
        this.#askers.remember(octetsOfAddress(address.address), reply, link.index, this.#now());
    }
    if (rival === undefined) return;
    if (this.#rivals.isMemberMac(rival.mac)) this.#end(this.#handOver.taken(rival.address.text, this.#now()));
    // Neither the new owner of what is being handed over is a rival, nor the former one of what is not announced yet.
    const { text } = rival.address;
    if (this.#table.get(text) !== undefined && !this.#relief.has(text, this.#now())) this.#rivals.saw(rival, link);
  }

  #send(linkIndex: number, frame: Uint8Array): boolean {
    return this.#tapSet.send(linkIndex, u16At(frame, 12) === etherType.arp ? "arp" : "ndp", frame);
  }

  /** @returns false when there is no such link. */
  #sendOn(linkName: string, frame: Uint8Array): boolean {
    const index = this.#linkByName.get(linkName)?.index;
    if (index !== undefined) this.#send(index, frame);
    return index !== undefined;
  }

  #tick(): void {
    const { clock, counter, maySpeak } = this.#options;
    if (!maySpeak()) return; // announceAll follows when it may again
    const now = clock.monotonic();
    const { frames, nextAt } = this.#schedule.tick(now);
    for (const { link, text, frame } of frames) {
      if (!this.#sendOn(link, frame)) continue;
      this.#relief.end(text);
      counter.add(text, "gratuitous");
    }
    if (nextAt === this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = nextAt ?? Number.POSITIVE_INFINITY;
    if (nextAt === undefined) return;
    this.#cancelTick = clock.after(Math.max(0, nextAt - now), () => {
      this.#tickAt = Number.POSITIVE_INFINITY;
      this.#tick();
    });
  }

  #changeGroups(changes: readonly GroupChange[]): void {
    const { groups, log } = this.#options;
    for (const change of changes) {
      const key = `${change.group}%${change.link}`;
      this.#failedJoins.delete(key);
      try {
        if (change.type === "join") groups.join(change.group, change.link);
        else groups.leave(change.group, change.link);
      } catch (error) {
        if (change.type === "join") this.#failedJoins.set(key, change);
        log.debug("multicast group not joined; trying again", {
          group: change.group,
          interface: change.link,
          error: String(error),
        });
      }
    }
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retryPending || !(this.#tapSet.incomplete || this.#failedJoins.size > 0)) return;
    this.#retryPending = true;
    this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
      this.#retryPending = false;
      this.#tapSet.retry(this.#links);
      this.#options.onTaps();
      this.#changeGroups([...this.#failedJoins.values()]);
      this.#retryLater();
    });
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

/** The interfaces that are fit to announce on, with their addresses. */
function usableLinks(wire: readonly WireLink[], links: readonly Link[], fit: ReadonlySet<string>): readonly FactLink[] {
  return wire
    .filter(({ name }) => fit.has(name))
    .map(({ index, name, mac }) => {
      const addresses = links.find((link) => link.index === index)?.addresses ?? [];
      return { name, mac, addresses: addresses.filter(({ tentative }) => !tentative) };
    });
}
