/** The probe is waited for that much longer than it takes; where nothing may be announced before it, longer. */
const patienceMs = 500;
const strictPatienceMs = 5000;

/**
 * Addresses that appeared while this speaker watches and that nobody has announced yet. The first of this node's
 * announcements of one waits for a probe. After a restart nothing is such an address, and after a failover nothing is any more.
 */
export class FirstAnnouncements {
  readonly #probeMs: number;
  /** undefined: it waits to be elected; else until when its probe is waited for. */
  readonly #fresh = new Map<string, number | undefined>();

  /** @param probeMs how long a probe takes; 0: nothing waits. */
  constructor(probeMs: number) {
    this.#probeMs = probeMs;
  }

  get size(): number {
    return this.#fresh.size;
  }

  appeared(ip: string): void {
    if (this.#probeMs > 0 && !this.#fresh.has(ip)) this.#fresh.set(ip, undefined);
  }

  /** It went, or somebody announces it. */
  forget(ip: string): void {
    this.#fresh.delete(ip);
  }

  /**
   * This node is to announce the address. `start`: ask who has it, and wait. `wait`: that was asked. `go`: announce it.
   * @param strict nothing may be announced while another machine answers.
   */
  announce(ip: string, strict: boolean, now: number): "start" | "wait" | "go" {
    if (!this.#fresh.has(ip)) return "go";
    const until = this.#fresh.get(ip);
    if (until !== undefined) return "wait";
    this.#fresh.set(ip, now + this.#probeMs + (strict ? strictPatienceMs : patienceMs));
    return "start";
  }

  isWaiting(ip: string): boolean {
    return this.#fresh.get(ip) !== undefined;
  }

  /** @returns addresses whose probe was waited for long enough. */
  expire(now: number): readonly string[] {
    const done: string[] = [];
    for (const [ip, until] of this.#fresh) if (until !== undefined && until <= now) done.push(ip);
    for (const ip of done) this.#fresh.delete(ip);
    return done;
  }

  /** Undefined: nothing is waited for. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const until of this.#fresh.values()) if (until !== undefined) next = Math.min(next ?? until, until);
    return next;
  }
}
