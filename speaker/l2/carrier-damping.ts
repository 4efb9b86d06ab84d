/** An interface that lost its carrier once is not told of before it has had it for so long; each further loss doubles it. */
export const carrierDampingMs = 5_000;
export const maxCarrierDampingMs = 300_000;
/** A loss is forgotten after this. */
const lossMemoryMs = 3_600_000;

type Standing = { readonly carrier: boolean; readonly since: number; readonly losses: readonly number[] };

/**
 * Which interfaces are fit to announce on. A cable that comes and goes would move the addresses each time: a loss counts at
 * once, a return only when it lasts. Times are milliseconds of one monotonic clock.
 */
export class CarrierDamping {
  readonly #standings = new Map<string, Standing>();

  /** @param links all that answer. @returns the names of those that are fit now. */
  follow(links: readonly { readonly name: string; readonly carrier: boolean }[], now: number): ReadonlySet<string> {
    for (const { name, carrier } of links) this.#note(name, carrier, now);
    return new Set(links.filter(({ name }) => this.#waitMs(name, now) === 0).map(({ name }) => name));
  }

  /** When an interface becomes fit by having had its carrier for long enough; undefined: none is waiting. */
  nextAt(now: number): number | undefined {
    const waits = [...this.#standings.keys()].map((name) => this.#waitMs(name, now)).filter((ms) => ms > 0 && ms < Infinity);
    return waits.length === 0 ? undefined : now + Math.min(...waits);
  }

  #note(name: string, carrier: boolean, now: number): void {
    const before = this.#standings.get(name);
    if (before?.carrier === carrier) return;
    const losses = (before?.losses ?? []).filter((at) => now - at < lossMemoryMs);
    const lost = before !== undefined && !carrier;
    this.#standings.set(name, { carrier, since: now, losses: lost ? [...losses.slice(-10), now] : losses });
  }

  /** 0: fit. Infinity: without a carrier. */
  #waitMs(name: string, now: number): number {
    const standing = this.#standings.get(name);
    if (standing === undefined || !standing.carrier) return Number.POSITIVE_INFINITY;
    const { losses, since } = standing;
    if (losses.length === 0) return 0;
    const dampingMs = Math.min(maxCarrierDampingMs, carrierDampingMs * 2 ** (losses.length - 1));
    return Math.max(0, since + dampingMs - now);
  }
}
