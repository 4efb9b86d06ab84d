import { type Context, hold, targetsOf } from "./context.ts";
import { reachableStatuses, type Status } from "./member-record.ts";
import { outcastSilenceMs, segmentRetryMs } from "./timing.ts";

/**
 * together: peers are heard, or there are none. asking: none is heard, the segment was asked. alone: the segment answered,
 * so the peers are dead. deaf: the segment answered, and so did peers, by what they announce: only our protocol does not
 * come through. cut-off: the segment is silent, too.
 */
export type Company = "together" | "asking" | "alone" | "deaf" | "cut-off";

/** From one call to the peers to the next while none is heard: first all of them, later a few at a time. */
const firstCallMs = 50;
const laterCallMs = 100;
const laterCalls = 3;

/** Once the segment answers a node that was cut off, peers that live have so long to be heard. */
const reunionMs = 1000;

/** After so long alone the calls that every node makes are enough. */
const laterCallsForMs = 60_000;

const living: ReadonlySet<Status> = new Set<Status>(["alive"]);

/** What a node concludes when it hears no peer. */
export class Isolation {
  readonly #context: Context;
  #company: Company = "together";
  #heardAt: number;
  #question = 0;
  #nextAskAt = 0;
  #nextCallAt = 0;
  #called = 0;
  /** While cut off: since when the segment answers. */
  #answersSince: number | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#heardAt = context.clock.lived;
  }

  get company(): Company {
    return this.#company;
  }

  /** A packet of a proven peer, or a time in which nobody could be heard. @returns the company that it ends. */
  heard(): Company {
    const before = this.#company;
    this.#heardAt = this.#context.clock.lived;
    this.#company = "together";
    this.#nextAskAt = 0;
    this.#answersSince = undefined;
    return before;
  }

  /**
   * @param limitReached every watched node is silent for longer than its limit.
   * @param nobodyYet this node has just started, and nobody has answered it for long.
   */
  tick(limitReached: boolean, nobodyYet: boolean): void {
    const { clock, timing, own, table } = this.#context;
    if (table.alive <= 1 && this.#company === "together") {
      this.heard();
      if (nobodyYet) this.#ask();
      return;
    }
    const silentMs = clock.lived - this.#heardAt;
    const limitMs = own.outcast ? outcastSilenceMs : timing.deathMs;
    if (silentMs < (limitMs * 2) / 3) return;
    this.#call(silentMs);
    if (silentMs < limitMs || !limitReached || clock.lived < this.#nextAskAt) return;
    this.#ask();
  }

  #ask(): void {
    const { clock, outbox } = this.#context;
    if (this.#company === "together") this.#company = "asking";
    this.#question += 1;
    this.#nextAskAt = clock.lived + segmentRetryMs;
    const silent = targetsOf(this.#context, reachableStatuses).map(({ name }) => name);
    outbox.add({ type: "ask-segment", question: this.#question, silent });
  }

  /**
   * The segment's answer; one to an earlier question, or to one that a packet has answered since, changes nothing.
   * @returns true when this node is on the segment, and has not taken part yet.
   */
  answer(question: number, answered: boolean, seen: readonly string[]): boolean {
    if (question !== this.#question || this.#company === "together") return false;
    if (!answered && seen.length === 0) {
      this.#company = "cut-off";
      this.#answersSince = undefined;
      return false;
    }
    const { lived } = this.#context.clock;
    if (this.#company === "cut-off") {
      this.#answersSince ??= lived;
      if (lived - this.#answersSince < reunionMs) return false;
    }
    this.#settle(new Set(seen));
    if (!this.#context.own.joined) {
      this.heard();
      return true;
    }
    this.#company = seen.length > 0 ? "deaf" : "alone";
    return false;
  }

  nextAt(): number {
    const { clock, timing, own } = this.#context;
    if (this.#company !== "together") return Math.min(this.#nextAskAt, Math.max(this.#nextCallAt, clock.lived + firstCallMs));
    const limitMs = own.outcast ? outcastSilenceMs : timing.deathMs;
    return Math.max(this.#heardAt + (limitMs * 2) / 3, this.#nextCallAt);
  }

  /** Who was seen lives, whoever was not is dead. Nobody is told: if it is not so, nobody but us is to blame. */
  #settle(seen: ReadonlySet<string>): void {
    const { table, self } = this.#context;
    for (const { record, status } of [...table.entries()]) {
      if (record.name === self) continue;
      if (status === "alive" && !seen.has(record.name)) {
        hold(this.#context, record, "dead", "it is silent, while the segment answers");
      } else if (status === "dead" && seen.has(record.name)) {
        hold(this.#context, record, "alive", "it is silent, but answers for its addresses");
      }
    }
  }

  #call(silentMs: number): void {
    const { clock, outbox, challenge } = this.#context;
    if (clock.lived < this.#nextCallAt || silentMs > laterCallsForMs) return;
    const first = this.#company === "together" || this.#company === "asking";
    const peers = targetsOf(this.#context, first ? living : reachableStatuses);
    this.#nextCallAt = clock.lived + (first ? firstCallMs : laterCallMs);
    const count = first ? peers.length : Math.min(laterCalls, peers.length);
    const called = Array.from({ length: count }, (_, i) => peers[(this.#called + i) % peers.length]).filter(
      (peer) => peer !== undefined,
    );
    this.#called += count;
    outbox.send(called, { type: "probe", nonce: challenge.nonce(clock.lived) });
  }
}
