import { formatAddress } from "../../../crds/net/address.ts";
import { formatMac, macNumber } from "../../codec/mac.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import { AnnouncementTable, announcedOn } from "../announcement-table.ts";
import { Fifo } from "../fifo.ts";
import type { WireLink } from "../link-selection.ts";
import { neighbourQuestion } from "../neighbour-question.ts";
import { respond } from "../responder.ts";
import type { Sighting } from "./sighting.ts";

/** Questions for one address. RFC 5227 §1.1 has as many, over seconds; whoever answers does it within milliseconds. */
const questions = 3;
/** Addresses that are asked for at once, and that wait for it. */
const maxAtOnce = 20;
const maxWaiting = 2000;
/** Machines that are remembered for one address. */
const maxMachines = 4;

/** ARP probes have no sender address, so that nobody learns one from them. RFC 5227 §2.1.1. */
const nobody = new Uint8Array(4);

type Probe = {
  readonly ip: string;
  readonly announcement: L2Announcement;
  readonly startedAt: number;
  readonly heard: Map<number, Sighting>;
  asked: number;
};

export type ProbeFrame = { readonly link: string; readonly frame: Uint8Array };
/** Who answered for the address, within the time. */
export type ProbeResult = { readonly ip: string; readonly sightings: readonly Sighting[] };

/**
 * Asks who answers for an address: three times within the time that is given. IPv4 by ARP probes; IPv6 by solicitations from the
 * link-local address, not from ::, which would make a host that is about to take the address give it up (RFC 4862
 * §5.4.3), and would be answered to all nodes.
 */
export class AddressProbes {
  readonly #durationMs: number;
  readonly #running = new Map<string, Probe>();
  readonly #waiting = new Fifo<L2Announcement>();
  readonly #waits = new Set<string>();
  readonly #table = new AnnouncementTable();
  #finished: ProbeResult[] = [];

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** An address that is asked for already, or one too many, is not asked for again. */
  start(announcement: L2Announcement): void {
    const ip = formatAddress(announcement.address);
    if (this.#running.has(ip) || this.#waits.has(ip)) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#finished.push({ ip, sightings: [] });
      return;
    }
    this.#waits.add(ip);
    this.#waiting.push(announcement);
  }

  /** Looks at a received frame. Costs nothing while nothing is asked. */
  hear(link: WireLink, frame: Uint8Array, nodeMacs: ReadonlySet<number>): void {
    if (this.#running.size === 0) return;
    const answer = respond(this.#table, link, frame, nodeMacs);
    if (answer.type === "ignored" || answer.rival === undefined) return;
    const { address, mac, form } = answer.rival;
    const heard = this.#running.get(address.text)?.heard;
    if (heard === undefined || heard.size >= maxMachines) return;
    heard.set(macNumber(mac), { ip: address.text, mac: formatMac(mac), form, interface: link.name });
  }

  tick(
    links: Iterable<WireLink>,
    now: number,
  ): { readonly frames: readonly ProbeFrame[]; readonly finished: readonly ProbeResult[] } {
    for (const probe of this.#running.values()) if (now - probe.startedAt >= this.#durationMs) this.#finish(probe);
    while (this.#running.size < maxAtOnce) {
      const announcement = this.#waiting.shift();
      if (announcement === undefined) break;
      this.#begin(announcement, now);
    }
    const usable = [...links].filter(({ carrier }) => carrier);
    const frames = [...this.#running.values()].flatMap((probe) => this.#framesOf(probe, usable, now));
    const finished = this.#finished;
    this.#finished = [];
    return { frames, finished };
  }

  /** Undefined: nothing is asked. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { startedAt, asked } of this.#running.values()) {
      const at = startedAt + (this.#durationMs * asked) / questions;
      next = Math.min(next ?? at, at);
    }
    return next;
  }

  #begin(announcement: L2Announcement, now: number): void {
    const ip = formatAddress(announcement.address);
    this.#waits.delete(ip);
    this.#table.set(ip, [announcement]);
    this.#running.set(ip, { ip, announcement, startedAt: now, heard: new Map(), asked: 0 });
  }

  #finish({ ip, heard }: Probe): void {
    this.#running.delete(ip);
    this.#table.delete(ip);
    this.#finished.push({ ip, sightings: [...heard.values()] });
  }

  #framesOf(probe: Probe, links: readonly WireLink[], now: number): readonly ProbeFrame[] {
    const due = Math.min(questions, Math.floor(((now - probe.startedAt) * questions) / this.#durationMs) + 1);
    if (probe.asked >= due) return [];
    probe.asked = due;
    const { address } = probe.announcement;
    const announced = this.#table.get(probe.ip);
    return links.flatMap((link) => {
      if (announced === undefined || !announcedOn(announced, link.name)) return [];
      const frame = neighbourQuestion(link, address, nobody);
      return frame === undefined ? [] : [{ link: link.name, frame }];
    });
  }
}
