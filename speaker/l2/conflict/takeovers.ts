/** Asked again at once so often, since whoever gives an address up does so within moments; after that with a pause. */
const askedAtOnce = 4;
const pauseMs = 350;
/** The answers are waited for so much longer than a probe takes: with many addresses each waits for its turn. */
const patienceMs = 2000;

type Step =
  | { readonly phase: "waiting"; readonly askAt: number }
  | { readonly phase: "asking"; readonly until: number }
  /** Nobody who may have it answers. */
  | { readonly phase: "free" };

type Takeover = { step: Step; asked: number };

/**
 * Addresses that this node would take while members cannot be asked whether they live. Who answers for one is asked on the
 * segment first, and it is not taken as long as a member does.
 */
export class Takeovers {
  readonly #probeMs: number;
  readonly #takeovers = new Map<string, Takeover>();

  /** @param probeMs how long a probe takes; 0: everything is taken at once. */
  constructor(probeMs: number) {
    this.#probeMs = probeMs;
  }

  get size(): number {
    return this.#takeovers.size;
  }

  /**
   * This node was elected for an address that it does not announce. @returns true when it may take it.
   * @param delayMs before it is asked for the first time: less for nodes that are to be asked earlier.
   */
  take(ip: string, delayMs: number, now: number): boolean {
    if (this.#probeMs === 0) return true;
    const takeover = this.#takeovers.get(ip);
    if (takeover === undefined) this.#takeovers.set(ip, { step: { phase: "waiting", askAt: now + delayMs }, asked: 0 });
    return takeover?.step.phase === "free";
  }

  /** A probe for the address has ended. @returns true when it may be taken now, and could not before. */
  answered(ip: string, byMember: boolean, now: number): boolean {
    const takeover = this.#takeovers.get(ip);
    if (takeover === undefined || takeover.step.phase === "free") return false;
    const askAt = now + (takeover.asked < askedAtOnce ? 0 : pauseMs);
    takeover.step = byMember ? { phase: "waiting", askAt } : { phase: "free" };
    return !byMember;
  }

  /** This node is not elected for it any more. */
  forget(ip: string): void {
    this.#takeovers.delete(ip);
  }

  /** The members can be asked again. @returns what was not taken. */
  end(): readonly string[] {
    const waiting = this.waiting();
    this.#takeovers.clear();
    return waiting;
  }

  isWaiting(ip: string): boolean {
    const takeover = this.#takeovers.get(ip);
    return takeover !== undefined && takeover.step.phase !== "free";
  }

  /** Addresses that are not taken yet. */
  waiting(): readonly string[] {
    return [...this.#takeovers.keys()].filter((ip) => this.isWaiting(ip));
  }

  /** @returns for which addresses to probe now, and which may be taken since their answers were waited for long enough. */
  tick(now: number): { readonly ask: readonly string[]; readonly free: readonly string[] } {
    const ask: string[] = [];
    const free: string[] = [];
    for (const [ip, takeover] of this.#takeovers) {
      const { step } = takeover;
      if (step.phase === "waiting" && step.askAt <= now) {
        takeover.step = { phase: "asking", until: now + this.#probeMs + patienceMs };
        takeover.asked += 1;
        ask.push(ip);
      } else if (step.phase === "asking" && step.until <= now) {
        takeover.step = { phase: "free" };
        free.push(ip);
      }
    }
    return { ask, free };
  }

  /** Undefined: nothing is waited for. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { step } of this.#takeovers.values()) {
      if (step.phase === "free") continue;
      const at = step.phase === "waiting" ? step.askAt : step.until;
      next = Math.min(next ?? at, at);
    }
    return next;
  }
}
