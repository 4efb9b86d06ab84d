import { handOverMs } from "./hand-over.ts";

/** From a decision until its new owner is asked, and from one question to the next. */
const askMs = 200;
/** Addresses in the questions of {@link askMs}: both nodes have other things to do. */
const askedAtOnce = 1000;

type Question = { readonly owner: string; readonly until: number };

/**
 * Addresses that go to another node, which is asked whether it stands for them. Its announcement says so, too, but a thousand of them
 * leave one by one, and until each is heard two nodes answer. Times are milliseconds of one monotonic clock.
 */
export class HandOverQuestions {
  readonly #open = new Map<string, Question>();
  #askAt = Number.POSITIVE_INFINITY;

  /** The addresses, canonical texts, go to that node. */
  begin(ips: readonly string[], owner: string, now: number): void {
    if (this.#open.size === 0) this.#askAt = now + askMs;
    for (const ip of ips) this.#open.set(ip, { owner, until: now + handOverMs });
  }

  /** The addresses do not go there any more. */
  forget(ips: readonly string[]): void {
    for (const ip of ips) this.#open.delete(ip);
  }

  /** A member's fresh answer. @returns those of the addresses that were waited for. */
  stood(by: string, ips: readonly string[]): readonly string[] {
    const taken = ips.filter((ip) => this.#open.get(ip)?.owner === by);
    this.forget(taken);
    return taken;
  }

  /** @returns whom to ask for which addresses now. */
  tick(now: number): ReadonlyMap<string, readonly string[]> {
    const asks = new Map<string, string[]>();
    if (now < this.#askAt) return asks;
    let left = askedAtOnce;
    for (const [ip, { owner, until }] of this.#open) {
      if (until <= now) this.#open.delete(ip);
      else if (left > 0) {
        left -= 1;
        const ips = asks.get(owner);
        if (ips === undefined) asks.set(owner, [ip]);
        else ips.push(ip);
      }
    }
    this.#askAt = this.#open.size === 0 ? Number.POSITIVE_INFINITY : now + askMs;
    return asks;
  }

  /** When to {@link tick}; undefined: nothing is waited for. */
  nextAt(): number | undefined {
    return this.#open.size === 0 ? undefined : this.#askAt;
  }
}
