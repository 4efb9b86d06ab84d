import { type Context, hold, targetsOf } from "./context.ts";
import { reachableStatuses, type Status } from "./member-record.ts";
import { outcastSilenceMs, segmentRetryMs } from "./timing.ts";

/**
 * together: peers are heard, or there are none. asking: none is heard, the segment was asked. alone: the segment answered,
 * so the peers are dead. deaf: the segment answered, and so did peers, by what they announce: only our protocol does not
 * come through. cut-off: the segment is silent, too.
 */
export type Company = "together" | "asking" | "alone" | "deaf" | "cut-off";

type SegmentAnswer = { readonly answered: boolean; readonly seen: readonly string[] };

/** After this share of the limit the peers are called, and the segment is asked if it was not before. */
const earlyShare = 2 / 3;

/** For so long a segment that is silent is listened to: asked so long before the limit, its silence is known when the limit is. */
const segmentMs = 160;

/** While none is heard all peers are called once, and then a few at a time: often while it is not known what that means. */
const callMs = 20;
const laterCallMs = 100;
const calledAtOnce = 3;

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
  /** The question was asked before the silence was long enough to conclude anything; its answer waits. */
  #early: { answer: SegmentAnswer | undefined } | undefined;
  #nextAskAt = 0;
  #nextCallAt = 0;
  #called = 0;
  #calledAll = false;
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
    this.#early = undefined;
    this.#nextAskAt = 0;
    this.#calledAll = false;
    this.#answersSince = undefined;
    return before;
  }

  /**
   * The segment is asked before the limit, so that its answer is there when the limit is.
   * @param silent how far the silence of every watched node is on its way to its limit: 1 and more, it has reached it.
   * @param nobodyYet this node has just started, and nobody has answered it for long.
   * @returns as {@link answer}.
   */
  tick(silent: number, nobodyYet: boolean): boolean {
    const { clock, timing, own, table } = this.#context;
    if (table.alive <= 1 && this.#company === "together") {
      this.heard();
      if (nobodyYet) this.#ask();
      return false;
    }
    const silentMs = clock.lived - this.#heardAt;
    const limitMs = own.outcast ? outcastSilenceMs : timing.deathMs;
    const reached = Math.min(silent, silentMs / limitMs);
    if (reached >= askShareOf(limitMs) && this.#company === "together" && this.#early === undefined) {
      this.#early = { answer: undefined };
      this.#put();
    }
    if (silentMs >= limitMs * earlyShare) this.#call(silentMs);
    if (reached < 1) return false;
    if (this.#early !== undefined) return this.#conclude(this.#early.answer);
    if (clock.lived >= this.#nextAskAt) this.#ask();
    return false;
  }

  /** The limit has come. */
  #conclude(answer: SegmentAnswer | undefined): boolean {
    this.#early = undefined;
    this.#company = "asking";
    this.#nextAskAt = this.#context.clock.lived + segmentRetryMs;
    return answer !== undefined && this.#follow(answer);
  }

  #ask(): void {
    if (this.#company === "together") this.#company = "asking";
    this.#nextAskAt = this.#context.clock.lived + segmentRetryMs;
    this.#put();
  }

  #put(): void {
    this.#question += 1;
    const silent = targetsOf(this.#context, reachableStatuses).map(({ name }) => name);
    this.#context.outbox.add({ type: "ask-segment", question: this.#question, silent });
  }

  /**
   * The segment's answer; one to an earlier question, or to one that a packet has answered since, changes nothing.
   * @returns true when this node is on the segment, and has not taken part yet.
   */
  answer(question: number, answered: boolean, seen: readonly string[]): boolean {
    if (question !== this.#question) return false;
    if (this.#early !== undefined) this.#early.answer = { answered, seen };
    return this.#company !== "together" && this.#follow({ answered, seen });
  }

  #follow({ answered, seen }: SegmentAnswer): boolean {
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
    if (this.#company !== "together") return Math.min(this.#nextAskAt, Math.max(this.#nextCallAt, clock.lived + callMs));
    const limitMs = own.outcast ? outcastSilenceMs : timing.deathMs;
    const times = [askShareOf(limitMs), 1].map((share) => this.#heardAt + limitMs * share);
    const callAt = Math.max(this.#heardAt + limitMs * earlyShare, this.#nextCallAt);
    return Math.min(callAt, ...times.filter((at) => at > clock.lived));
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
    this.#nextCallAt = clock.lived + (first ? callMs : laterCallMs);
    const count = this.#calledAll ? Math.min(calledAtOnce, peers.length) : peers.length;
    this.#calledAll = true;
    const called = Array.from({ length: count }, (_, i) => peers[(this.#called + i) % peers.length]).filter(
      (peer) => peer !== undefined,
    );
    this.#called += count;
    outbox.send(called, { type: "probe", nonce: challenge.nonce(clock.lived) });
  }
}

/** Of a limit, the share after which the segment is asked. */
function askShareOf(limitMs: number): number {
  return Math.min(earlyShare, (limitMs - segmentMs) / limitMs);
}
