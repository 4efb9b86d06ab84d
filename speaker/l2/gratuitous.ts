import { type AnnouncedAddress, type AnnouncedAddresses, announcedOn } from "./announcement-table.ts";
import { type BurstFrame, BurstQueue, type BurstTiming } from "./burst-queue.ts";
import { gratuitousArp, unsolicitedAdvertisement } from "./gratuitous-frame.ts";
import { sameEnds, type WireLink } from "./link-selection.ts";

export type GratuitousOptions = BurstTiming & {
  /** Every so often each address is announced once more; 0: never. */
  readonly refreshIntervalMs: number;
};

/** One frame to send on the link of that name, on behalf of the address `text`. */
export type GratuitousFrame = { readonly link: string; readonly text: string; readonly frame: Uint8Array };

/** `nextAt`: when to tick again, on the clock that `now` was given by; undefined: after the next announcement. */
export type GratuitousTick = { readonly frames: readonly GratuitousFrame[]; readonly nextAt: number | undefined };

type Lane = { readonly link: WireLink; readonly queue: BurstQueue };

/**
 * When gratuitous ARP frames and unsolicited neighbor advertisements leave. All times are milliseconds of one monotonic
 * clock. What is sent is looked up in the table at the moment of sending: an address that is no longer announced there,
 * or no longer on that interface, is skipped.
 */
export class GratuitousSchedule {
  readonly #table: AnnouncedAddresses;
  readonly #options: GratuitousOptions;
  readonly #lanes = new Map<string, Lane>();
  #refreshAt: number | undefined;

  constructor(table: AnnouncedAddresses, options: GratuitousOptions, now: number) {
    this.#table = table;
    this.#options = options;
    this.#refreshAt = options.refreshIntervalMs > 0 ? now + options.refreshIntervalMs : undefined;
  }

  /** Starts a burst on every interface of the address; while one runs there, lets it go on for longer. */
  announce(address: AnnouncedAddress, now: number): void {
    for (const { link, queue } of this.#lanes.values()) if (speaksOn(link, address)) queue.announce(address.text, now);
  }

  /** A burst for every address: after a pause in which others may have announced them. */
  announceAll(now: number): void {
    for (const address of this.#table.values()) this.announce(address, now);
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
    for (const { link, queue } of this.#lanes.values()) {
      const taken = queue.take(now, (text, part) => this.#hasFrame(link, text, part));
      for (const { text, part } of taken) {
        const address = this.#table.get(text);
        const frame = address && frameFor(link, address, part);
        if (frame !== undefined) frames.push({ link: link.name, text, frame });
      }
      nextAt = earlier(nextAt, queue.nextAt(now));
    }
    return { frames, nextAt };
  }

  #open(link: WireLink, now: number): void {
    const queue = new BurstQueue(this.#options, now);
    this.#lanes.set(link.name, { link, queue });
    for (const address of this.#table.values()) if (speaksOn(link, address)) queue.announce(address.text, now);
  }

  #refresh(now: number): void {
    if (this.#refreshAt === undefined || now < this.#refreshAt) return;
    this.#refreshAt = now + this.#options.refreshIntervalMs;
    for (const { link, queue } of this.#lanes.values()) {
      for (const address of this.#table.values()) if (speaksOn(link, address)) queue.refresh(address.text, now);
    }
  }

  #hasFrame(link: WireLink, text: string, part: BurstFrame["part"]): boolean {
    const address = this.#table.get(text);
    return address !== undefined && speaksOn(link, address) && (part === "first" || address.address.family === "IPv4");
  }
}

function speaksOn(link: WireLink, address: AnnouncedAddress): boolean {
  const family = address.address.family === "IPv4" ? link.arp : link.linkLocal !== undefined;
  return family && announcedOn(address, link.name);
}

function frameFor(link: WireLink, { address, octets }: AnnouncedAddress, part: BurstFrame["part"]): Uint8Array | undefined {
  if (address.family === "IPv4") return gratuitousArp(part === "first" ? "request" : "reply", link.mac, octets);
  return link.linkLocal && unsolicitedAdvertisement(link.mac, link.linkLocal, octets);
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
