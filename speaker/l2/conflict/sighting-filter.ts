import { formatMac, macNumber } from "../../codec/mac.ts";
import { Budget } from "../../membership/budget.ts";
import type { Rival } from "../answer.ts";
import type { Sighting } from "./sighting.ts";

/** The same claim is told once in this time. */
const quietMs = 500;
/** Claims are told together, so many milliseconds after the first. */
const gatherMs = 10;
/** Claims with a hardware address of another node, and with any other: so many at once, and as many a second. */
const knownAtOnce = 1000;
const foreignAtOnce = 100;

/**
 * Passes on what the wire sees of rivals. Forged frames cost their sender nothing, so there is a bound, and claims with the
 * hardware address of a member, which can mean two owners, have one of their own.
 */
export class SightingFilter {
  readonly #known: Budget;
  readonly #foreign: Budget;
  /** When each claim was told, the longest ago first. */
  readonly #told = new Map<string, number>();
  #macs: ReadonlySet<number> = new Set();
  #gathered: Sighting[] = [];
  #gatheredSince = 0;
  #dropped = 0;

  /** @param now milliseconds of a monotonic clock, as for the other calls. */
  constructor(now: number) {
    this.#known = new Budget(knownAtOnce, knownAtOnce, now);
    this.#foreign = new Budget(foreignAtOnce, foreignAtOnce, now);
  }

  /** @param macs `macNumber` of the other nodes' interfaces. */
  setMemberMacs(macs: ReadonlySet<number>): void {
    this.#macs = macs;
  }

  note({ address, mac, form }: Rival, interfaceName: string, now: number): void {
    const number = macNumber(mac);
    const key = `${address.text} ${number}`;
    for (const [former, at] of this.#told) {
      if (now - at < quietMs) break;
      this.#told.delete(former);
    }
    if (this.#told.has(key)) return;
    const budget = this.#macs.has(number) ? this.#known : this.#foreign;
    if (!budget.take(now)) {
      this.#dropped += 1;
      return;
    }
    this.#told.set(key, now);
    if (this.#gathered.length === 0) this.#gatheredSince = now;
    this.#gathered.push({ ip: address.text, mac: formatMac(mac), form, interface: interfaceName });
  }

  /** What is to be told now. */
  take(): { readonly sightings: readonly Sighting[]; readonly dropped: number } {
    const taken = { sightings: this.#gathered, dropped: this.#dropped };
    this.#gathered = [];
    this.#dropped = 0;
    return taken;
  }

  /** When to take; undefined: nothing was noted. */
  nextAt(): number | undefined {
    return this.#gathered.length === 0 ? undefined : this.#gatheredSince + gatherMs;
  }

  /** Claims that are remembered. */
  get size(): number {
    return this.#told.size + this.#gathered.length;
  }
}
