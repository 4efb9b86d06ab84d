import { octetsOfAddress } from "../codec/ip-octets.ts";
import { type AnnouncedAddress, type AnnouncedAddresses, announcedOn } from "./announcement-table.ts";
import { AnnouncementWave, type WaveKind } from "./announcement-wave.ts";
import { AskerRefresh } from "./asker-refresh.ts";
import { type BurstFrame, BurstQueue, type BurstTiming, type RoundFrame, type Urgency } from "./burst-queue.ts";
import { gratuitousArp, unicastAdvertisement, unicastArp, unsolicitedAdvertisement } from "./gratuitous-frame.ts";
import { sameEnds, type WireLink } from "./link-selection.ts";
import type { RecentAskers } from "./recent-askers.ts";

export type GratuitousOptions = BurstTiming & {
  /** Every so often each address is announced once more; 0: never. */
  readonly refreshIntervalMs: number;
};

/** One frame to send on the link of that name, on behalf of the address `text`. */
export type GratuitousFrame = { readonly link: string; readonly text: string; readonly frame: Uint8Array };

/** `nextAt`: when to tick again, on the clock that `now` was given by; undefined: after the next announcement. */
export type GratuitousTick = { readonly frames: readonly GratuitousFrame[]; readonly nextAt: number | undefined };

type Lane = {
  readonly link: WireLink;
  readonly queue: BurstQueue;
  readonly wave: AnnouncementWave;
  readonly unicast: AskerRefresh;
};

/** Addresses of a wave that wait for their first frame, at most: more than leave at once. */
const waveBacklog = 128;

/**
 * When gratuitous ARP frames and unsolicited neighbor advertisements leave. All times are milliseconds of one monotonic
 * clock. What is sent is looked up in the table at the moment of sending: an address that is no longer announced there,
 * or no longer on that interface, is skipped.
 */
export class GratuitousSchedule {
  readonly #table: AnnouncedAddresses;
  readonly #options: GratuitousOptions;
  readonly #askers: RecentAskers;
  readonly #lanes = new Map<string, Lane>();
  #refreshAt: number | undefined;

  /** @param askers hosts that are also told one by one. */
  constructor(table: AnnouncedAddresses, askers: RecentAskers, options: GratuitousOptions, now: number) {
    this.#table = table;
    this.#askers = askers;
    this.#options = options;
    this.#refreshAt = options.refreshIntervalMs > 0 ? now + options.refreshIntervalMs : undefined;
  }

  /** Starts a burst on every interface of the address; while one runs there, lets it go on for longer. */
  announce(address: AnnouncedAddress, urgency: Urgency, now: number): void {
    for (const { link, queue, unicast } of this.#lanes.values()) {
      if (!speaksOn(link, address)) continue;
      queue.announce(address.text, urgency, now);
      if (urgency === "fresh") unicast.want(address.text);
    }
  }

  /** A burst for every address: after a pause in which others may have announced them. */
  announceAll(): void {
    for (const lane of this.#lanes.values()) startWave(lane, "announce");
  }

  /** Ends the address's bursts, so that a later announcement is sent at once. */
  withdraw(text: string): void {
    for (const { queue } of this.#lanes.values()) queue.withdraw(text);
  }

  /**
   * Sets the links that frames can leave by. On one that is new, changed its addresses or has its carrier back, every
   * address is announced. What was queued for one that is gone is forgotten.
   */
  setLinks(links: readonly WireLink[], now: number): void {
    const usable = new Map(links.filter(({ carrier }) => carrier).map((link) => [link.name, link]));
    for (const name of this.#lanes.keys()) if (!usable.has(name)) this.#lanes.delete(name);
    for (const link of usable.values()) {
      const lane = this.#lanes.get(link.name);
      if (lane === undefined || !sameEnds(lane.link, link)) this.#open(link, now);
    }
  }

  tick(now: number): GratuitousTick {
    this.#refresh(now);
    const frames: GratuitousFrame[] = [];
    let nextAt = this.#refreshAt;
    for (const lane of this.#lanes.values()) {
      for (const taken of this.#takeFrom(lane, now)) {
        const address = this.#table.get(taken.text);
        const frame = address && frameFor(lane.link, address, taken);
        if (frame !== undefined) frames.push({ link: lane.link.name, text: taken.text, frame });
      }
      nextAt = earlier(nextAt, nextOf(lane, now));
    }
    return { frames, nextAt };
  }

  #takeFrom({ link, queue, wave, unicast }: Lane, now: number): readonly BurstFrame[] {
    const hasRoom = (): boolean => queue.waitingForFirst("again") < waveBacklog;
    wave.step(hasRoom, (address, kind) => {
      if (!speaksOn(link, address)) return;
      if (kind === "announce") queue.announce(address.text, "again", now);
      else queue.refresh(address.text, now);
    });
    unicast.step(now);
    return queue.take(now, {
      has: (text, part) => this.#hasFrame(link, text, part),
      nextUnicast: (urgency) => unicast.next(urgency),
    });
  }

  #open(link: WireLink, now: number): void {
    const lane = {
      link,
      queue: new BurstQueue(this.#options, now),
      wave: new AnnouncementWave(() => this.#table.values()),
      unicast: new AskerRefresh(this.#askers, link.index, (target) => this.#find(link, target)),
    };
    this.#lanes.set(link.name, lane);
    startWave(lane, "announce");
  }

  #refresh(now: number): void {
    if (this.#refreshAt === undefined || now < this.#refreshAt) return;
    this.#refreshAt = now + this.#options.refreshIntervalMs;
    for (const lane of this.#lanes.values()) startWave(lane, "refresh");
  }

  /** The address of these octets, if it is announced on the link. */
  #find(link: WireLink, target: Uint8Array): AnnouncedAddress | undefined {
    const address = target.length === 4 ? this.#table.findIpv4(target, 0) : this.#table.findIpv6(target, 0);
    return address !== undefined && speaksOn(link, address) ? address : undefined;
  }

  #hasFrame(link: WireLink, text: string, part: RoundFrame["part"]): boolean {
    const address = this.#table.get(text);
    return address !== undefined && speaksOn(link, address) && (part === "first" || address.address.family === "IPv4");
  }
}

function speaksOn(link: WireLink, address: AnnouncedAddress): boolean {
  const family = address.address.family === "IPv4" ? link.arp : link.linkLocal !== undefined;
  return family && announcedOn(address, link.name);
}

function startWave({ wave, unicast }: Lane, kind: WaveKind): void {
  wave.start(kind);
  unicast.wantAll();
}

function nextOf({ queue, wave, unicast }: Lane, now: number): number | undefined {
  const soon = queue.nextBatchAt(now);
  return earlier(earlier(queue.nextAt(now), wave.pending ? soon : undefined), unicast.nextAt(soon));
}

function frameFor(link: WireLink, { address }: AnnouncedAddress, taken: BurstFrame): Uint8Array | undefined {
  const { mac, linkLocal } = link;
  const octets = octetsOfAddress(address);
  if (address.family === "IPv4") {
    if (taken.part === "unicast") return unicastArp(mac, octets, taken.asker);
    return gratuitousArp(taken.part === "first" ? "request" : "reply", mac, octets);
  }
  if (linkLocal === undefined) return undefined;
  if (taken.part === "unicast") return unicastAdvertisement(mac, linkLocal, octets, taken.asker);
  return unsolicitedAdvertisement(mac, linkLocal, octets);
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
