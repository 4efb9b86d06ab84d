import { type Address, parseAddress } from "../../../crds/net/address.ts";
import { fromHex } from "../../codec/octets.ts";
import { AnnouncementTable } from "../announcement-table.ts";
import { defaultTiming } from "../burst-queue.ts";
import { type GratuitousOptions, GratuitousSchedule } from "../gratuitous.ts";
import type { WireLink } from "../link-selection.ts";
import { RecentAskers } from "../recent-askers.ts";

const linkLocal = fromHex("fe800000000000000000000000000001");
export const eth0: WireLink = { index: 2, name: "eth0", mac: fromHex("020000000001"), carrier: true, arp: true, linkLocal };
export const eth1: WireLink = { ...eth0, index: 3, name: "eth1" };
const options: GratuitousOptions = { ...defaultTiming, refreshIntervalMs: 0 };

/** @throws {RangeError} when it is none. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

/** Drives a schedule by its own `nextAt`, as the shell does. */
export class Segment {
  readonly table = new AnnouncementTable();
  readonly askers = new RecentAskers(64);
  readonly schedule: GratuitousSchedule;
  /** `<ms> <link> <address>` for every frame. */
  readonly log: string[] = [];
  readonly frames: Uint8Array[] = [];
  #now = 0;

  constructor(changes: Partial<GratuitousOptions> = {}, links: readonly WireLink[] = [eth0]) {
    this.schedule = new GratuitousSchedule(this.table, this.askers, { ...options, ...changes }, 0);
    this.schedule.setLinks(links, 0);
  }

  /** The address comes to this node. */
  announce(text: string, ...interfaces: readonly string[]): void {
    this.table.set(text, [{ address: address(text), interfaces }]);
    for (const announced of this.table.addressesOf(text)) this.schedule.announce(announced, "fresh", this.#now);
  }

  /** Lets time pass up to and including that moment. */
  runUntil(end: number): void {
    for (;;) {
      const { frames, nextAt } = this.schedule.tick(this.#now);
      for (const { link, text, frame } of frames) {
        this.log.push(`${this.#now} ${link} ${text}`);
        this.frames.push(frame);
      }
      if (nextAt === undefined || nextAt > end) break;
      this.#now = nextAt;
    }
    this.#now = end;
  }

  /** When frames left, each time once. */
  times(): readonly number[] {
    return [...new Set(this.log.map((line) => Number.parseInt(line, 10)))];
  }
}
