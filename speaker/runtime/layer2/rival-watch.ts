import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import { macNumber } from "../../codec/mac.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import type { AnnouncedAddress } from "../../l2/announcement-table.ts";
import type { Rival } from "../../l2/answer.ts";
import { AddressProbes, type ProbeFrame } from "../../l2/conflict/address-probes.ts";
import { defenceOf } from "../../l2/conflict/defence.ts";
import { SightingFilter } from "../../l2/conflict/sighting-filter.ts";
import type { WireLink } from "../../l2/link-selection.ts";
import { Budget } from "../../membership/budget.ts";
import type { RivalReport } from "../threads/messages.ts";

export type RivalWatchOptions = {
  readonly clock: Clock;
  /** How long a probe takes. */
  readonly probeMs: number;
  readonly links: () => Iterable<WireLink>;
  readonly nodeMacs: () => ReadonlySet<number>;
  readonly announced: (ip: string) => AnnouncedAddress | undefined;
  readonly maySpeak: () => boolean;
  readonly send: (frame: ProbeFrame) => void;
  readonly post: (report: RivalReport) => void;
};

/** Announcements against rivals: so many at once, and as many a second. More of them would be a storm of our own. */
const defencesAtOnce = 100;

/** The wire's part in conflicts: it says who claims addresses, asks who has one, and announces against a rival. */
export class RivalWatch {
  readonly #options: RivalWatchOptions;
  readonly #filter: SightingFilter;
  readonly #probes: AddressProbes;
  readonly #defences: Budget;
  #memberMacs: ReadonlySet<number> = new Set();
  #tickAt = Number.POSITIVE_INFINITY;
  #cancelTick: Cancel = () => undefined;

  constructor(options: RivalWatchOptions) {
    this.#options = options;
    const now = options.clock.monotonic();
    this.#filter = new SightingFilter(now);
    this.#probes = new AddressProbes(options.probeMs);
    this.#defences = new Budget(defencesAtOnce, defencesAtOnce, now);
  }

  /** @param macs `macNumber` of the other nodes' interfaces. */
  setMemberMacs(macs: readonly number[]): void {
    this.#memberMacs = new Set(macs);
    this.#filter.setMemberMacs(this.#memberMacs);
  }

  /** Whether another node may have sent it: where no node's hardware address is known, anybody may. */
  isMemberMac(mac: Uint8Array): boolean {
    return this.#memberMacs.size === 0 || this.#memberMacs.has(macNumber(mac));
  }

  saw(rival: Rival, link: WireLink): void {
    this.#filter.note(rival, link.name, this.#options.clock.monotonic());
    this.#plan();
  }

  /** Looks at a received frame while an address is probed. */
  hear(link: WireLink, frame: Uint8Array): void {
    this.#probes.hear(link, frame, this.#options.nodeMacs());
  }

  probe(announcements: readonly L2Announcement[]): void {
    for (const announcement of announcements) this.#probes.start(announcement);
    this.#tick();
  }

  defend(ip: string): void {
    const { announced, links, maySpeak, send, clock } = this.#options;
    const address = announced(ip);
    if (address === undefined || !maySpeak() || !this.#defences.take(clock.monotonic())) return;
    for (const frame of defenceOf(address, links())) send(frame);
  }

  close(): void {
    this.#cancelTick();
  }

  #tick(): void {
    const { clock, links, maySpeak, send, post } = this.#options;
    const now = clock.monotonic();
    const { frames, finished } = this.#probes.tick(links(), now);
    if (maySpeak()) for (const frame of frames) send(frame);
    for (const result of finished) post({ type: "probed", ...result });
    const sightingsAt = this.#filter.nextAt();
    if (sightingsAt !== undefined && sightingsAt <= now) post({ type: "sighted", ...this.#filter.take() });
    this.#plan();
  }

  #plan(): void {
    const { clock } = this.#options;
    const next = Math.min(this.#probes.nextAt() ?? Number.POSITIVE_INFINITY, this.#filter.nextAt() ?? Number.POSITIVE_INFINITY);
    if (next === this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = next;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#cancelTick = clock.after(Math.max(0, next - clock.monotonic()), () => {
      this.#tickAt = Number.POSITIVE_INFINITY;
      this.#tick();
    });
  }
}
