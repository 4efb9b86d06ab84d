/** Another machine's claim counts for so long: the new owner may have announced before this node has given up. */
const claimMs = 2_000;

/** Who stops announcing while another node begins: an address is answered for until the new owner is heard, or this long. */
export const handOverMs = 3_000;

/** A Service whose addresses go to another node, and those that its new owner has not announced yet. */
type Leaving = { readonly until: number; readonly addresses: Set<string> };

/**
 * Services that are being handed over. They are answered for as before and announced no more, so that no client asks in
 * vain between two owners. Times are milliseconds of one monotonic clock.
 */
export class HandOver {
  readonly #leaving = new Map<string, Leaving>();
  /** Services that wait for the new owner of each address: a thousand addresses are claimed one by one. */
  readonly #waiting = new Map<string, Set<string>>();
  /** When another machine claimed each address last, the longest ago first. */
  readonly #claimed = new Map<string, number>();
  /** No Service's time is over before. */
  #nextAt = Number.POSITIVE_INFINITY;

  /** True when the Service is being handed over. */
  has(service: string): boolean {
    return this.#leaving.has(service);
  }

  /**
   * @param addresses canonical texts of what the Service announces.
   * @param lastsMs Infinity: until somebody else announces, or it is {@link forget forgotten}.
   * @returns false when all of them are announced by others already: there is nothing to wait for.
   */
  begin(service: string, addresses: readonly string[], now: number, lastsMs = handOverMs): boolean {
    if (this.#leaving.has(service)) return true;
    const open = addresses.filter((address) => now - (this.#claimed.get(address) ?? Number.NEGATIVE_INFINITY) > claimMs);
    if (open.length === 0) return false;
    const until = now + lastsMs;
    if (this.#leaving.size === 0) this.#nextAt = Number.POSITIVE_INFINITY;
    this.#leaving.set(service, { until, addresses: new Set(open) });
    this.#nextAt = Math.min(this.#nextAt, until);
    for (const address of open) this.#waiting.set(address, (this.#waiting.get(address) ?? new Set()).add(service));
    return true;
  }

  /** @returns all Services that are being handed over; none is from now on. */
  endAll(): readonly string[] {
    const all = [...this.#leaving.keys()];
    this.#leaving.clear();
    this.#waiting.clear();
    this.#nextAt = Number.POSITIVE_INFINITY;
    return all;
  }

  /** The Service is announced again, or is to end at once. */
  forget(service: string): void {
    for (const address of this.#leaving.get(service)?.addresses ?? []) this.#waitNoMore(address, service);
    this.#leaving.delete(service);
  }

  /** Another machine announces the address of ours. @returns Services all of whose addresses have been taken over. */
  taken(address: string, now: number): readonly string[] {
    this.#remember(address, now);
    const done: string[] = [];
    for (const service of this.#waiting.get(address) ?? []) {
      const addresses = this.#leaving.get(service)?.addresses;
      addresses?.delete(address);
      if (addresses?.size === 0) done.push(service);
    }
    this.#waiting.delete(address);
    for (const service of done) this.#leaving.delete(service);
    return done;
  }

  /** @returns Services whose time is over. */
  expire(now: number): readonly string[] {
    const done = [...this.#leaving].filter(([, { until }]) => until <= now).map(([service]) => service);
    for (const service of done) this.forget(service);
    this.#nextAt = Number.POSITIVE_INFINITY;
    for (const { until } of this.#leaving.values()) this.#nextAt = Math.min(this.#nextAt, until);
    return done;
  }

  /** When to {@link expire} at the latest; undefined: nothing ends by time alone. Asked for every address that is taken over. */
  nextAt(): number | undefined {
    return this.#leaving.size === 0 || this.#nextAt === Number.POSITIVE_INFINITY ? undefined : this.#nextAt;
  }

  #waitNoMore(address: string, service: string): void {
    const services = this.#waiting.get(address);
    services?.delete(service);
    if (services?.size === 0) this.#waiting.delete(address);
  }

  #remember(address: string, now: number): void {
    for (const [former, at] of this.#claimed) {
      if (now - at <= claimMs) break;
      this.#claimed.delete(former);
    }
    this.#claimed.delete(address);
    this.#claimed.set(address, now);
  }
}
