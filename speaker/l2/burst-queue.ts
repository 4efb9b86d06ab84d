import { Fifo } from "./fifo.ts";
import type { Asker } from "./recent-askers.ts";

/** Times in milliseconds. */
export type BurstTiming = {
  /** From one round of an address to its next. */
  readonly roundIntervalMs: number;
  /** For how long after an announcement rounds follow. */
  readonly burstMs: number;
  /** On one interface, all addresses together. */
  readonly framesPerSecond: number;
};

/** MetalLB's rhythm: rounds at 0, 1.1, 2.2, 3.3 and 4.4 s. */
export const defaultTiming: BurstTiming = { roundIntervalMs: 1100, burstMs: 5000, framesPerSecond: 1000 };

/** One frame to send: an address announced by IPv4 has two in a round, one by IPv6 only the first. */
export type RoundFrame = { readonly text: string; readonly part: "first" | "second" };

/** One frame to send to one host that asked for the address. */
export type UnicastFrame = { readonly text: string; readonly part: "unicast"; readonly asker: Asker };

export type BurstFrame = RoundFrame | UnicastFrame;

/** What the queue asks while it takes frames. */
export type FrameSource = {
  /** Tells whether the address still has a frame of this kind on the link. */
  readonly has: (text: string, part: RoundFrame["part"]) => boolean;
  /** The next frame for a single host that asked for an address of that urgency, if there is one now. */
  readonly nextUnicast: (urgency: Urgency) => UnicastFrame | undefined;
};

/** fresh: the address has just come to this node, and hosts believe it elsewhere. again: it was here before. */
export type Urgency = "fresh" | "again";

type Burst = {
  readonly text: string;
  readonly urgency: Urgency;
  /** When the next round became due. */
  dueAt: number;
  /** No round becomes due after this. */
  deadline: number;
  cancelled: boolean;
};

/** While frames wait for the pace, they leave in batches this far apart: a timer for each frame would keep the thread busy. */
const batchMs = 10;

/** Share of a second's frames that may leave at once after a pause. */
const burstShare = 0.1;

/** Bursts by what is due of them: the first frame of the first round, its second, or a whole later round. */
type Stages = { readonly first: Fifo<Burst>; readonly second: Fifo<Burst>; readonly later: Fifo<Burst> };

/**
 * The rounds of one interface, paced. No address has to wait for another's second frame before its first: failover of
 * many addresses is told to the segment in the time of one frame for each. Addresses that were here before wait for all
 * rounds of those that have just come. Frames to single hosts go before later rounds of the same urgency.
 */
export class BurstQueue {
  readonly #timing: BurstTiming;
  readonly #bursts = new Map<string, Burst>();
  readonly #fresh: Stages = { first: new Fifo(), second: new Fifo(), later: new Fifo() };
  readonly #again: Stages = { first: new Fifo(), second: new Fifo(), later: new Fifo() };
  /** By `dueAt`, ascending: every burst enters with the same delay. */
  readonly #waiting = new Fifo<Burst>();
  readonly #capacity: number;
  #allowance: number;
  #refilledAt: number;

  constructor(timing: BurstTiming, now: number) {
    this.#timing = timing;
    this.#capacity = Math.max(2, timing.framesPerSecond * burstShare);
    this.#allowance = this.#capacity;
    this.#refilledAt = now;
  }

  /** Starts the address's rounds, or lets those that run go on for longer. */
  announce(text: string, urgency: Urgency, now: number): void {
    this.#add(text, urgency, now, now + this.#timing.burstMs);
  }

  /** One round, unless rounds run already. */
  refresh(text: string, now: number): void {
    this.#add(text, "again", now, now);
  }

  /** Addresses of that urgency that wait for their first frame. */
  waitingForFirst(urgency: Urgency): number {
    return this.#stagesOf(urgency).first.length;
  }

  withdraw(text: string): void {
    const burst = this.#bursts.get(text);
    if (burst === undefined) return;
    burst.cancelled = true;
    this.#bursts.delete(text);
  }

  /** Frames to send now, in this order. An address for which the source denies a first frame is dropped. */
  take(now: number, source: FrameSource): readonly BurstFrame[] {
    this.#refill(now);
    this.#wake(now);
    const frames: BurstFrame[] = [];
    while (this.#allowance >= 1) {
      const before = frames.length;
      if (!this.#takeOne(now, source, frames)) break;
      this.#allowance -= frames.length - before;
    }
    return frames;
  }

  /** When {@link take} should be called next if frames wait outside, too. */
  nextBatchAt(now: number): number {
    const missing = Math.max(0, 1 - this.#allowance);
    return now + Math.max(batchMs, Math.ceil((missing * 1000) / this.#timing.framesPerSecond));
  }

  /** When {@link take} should be called next; undefined: when something is announced. */
  nextAt(now: number): number | undefined {
    return this.#nextStage() === undefined ? this.#waiting.peek()?.dueAt : this.nextBatchAt(now);
  }

  #add(text: string, urgency: Urgency, now: number, deadline: number): void {
    const running = this.#bursts.get(text);
    if (running !== undefined) {
      running.deadline = Math.max(running.deadline, deadline);
      return;
    }
    const burst: Burst = { text, urgency, dueAt: now, deadline, cancelled: false };
    this.#bursts.set(text, burst);
    this.#stagesOf(urgency).first.push(burst);
  }

  #stagesOf(urgency: Urgency): Stages {
    return urgency === "fresh" ? this.#fresh : this.#again;
  }

  /** The most urgent of those in which somebody waits. */
  #nextStage(): Fifo<Burst> | undefined {
    for (const { first, second, later } of [this.#fresh, this.#again]) {
      if (first.length > 0) return first;
      if (second.length > 0) return second;
      if (later.length > 0) return later;
    }
    return undefined;
  }

  #refill(now: number): void {
    const earned = ((now - this.#refilledAt) * this.#timing.framesPerSecond) / 1000;
    this.#allowance = Math.min(this.#capacity, this.#allowance + Math.max(0, earned));
    this.#refilledAt = now;
  }

  /** Moves what has become due from waiting to the later rounds; ends what is past its deadline. */
  #wake(now: number): void {
    for (let burst = this.#waiting.peek(); burst !== undefined && burst.dueAt <= now; burst = this.#waiting.peek()) {
      this.#waiting.shift();
      if (burst.cancelled) continue;
      if (burst.dueAt > burst.deadline) this.#bursts.delete(burst.text);
      else this.#stagesOf(burst.urgency).later.push(burst);
    }
  }

  /** Appends the frames of one step. @returns false when nothing is due. */
  #takeOne(now: number, source: FrameSource, frames: BurstFrame[]): boolean {
    const stage = this.#nextStage();
    const unicast = this.#unicastBefore(stage, source);
    if (unicast !== undefined) frames.push(unicast);
    else if (stage === undefined) return false;
    else this.#takeFrom(stage, now, source, frames);
    return true;
  }

  #unicastBefore(stage: Fifo<Burst> | undefined, { nextUnicast }: FrameSource): UnicastFrame | undefined {
    if (stage !== undefined && (stage === this.#fresh.first || stage === this.#fresh.second)) return undefined;
    const fresh = nextUnicast("fresh");
    return fresh === undefined && (stage === undefined || stage === this.#again.later) ? nextUnicast("again") : fresh;
  }

  #takeFrom(stage: Fifo<Burst>, now: number, { has }: FrameSource, frames: BurstFrame[]): void {
    const burst = stage.shift();
    if (burst === undefined || burst.cancelled) return;
    const { text, urgency } = burst;
    const { first, second } = this.#stagesOf(urgency);
    if (!has(text, "first")) {
      this.withdraw(text);
      return;
    }
    if (stage !== second) frames.push({ text, part: "first" });
    if (has(text, "second")) {
      if (stage === first) {
        second.push(burst);
        return;
      }
      frames.push({ text, part: "second" });
    }
    this.#settle(burst, now);
  }

  /** A round is out. What it was late by through pacing is added to the deadline, so that no address loses rounds to it. */
  #settle(burst: Burst, now: number): void {
    burst.deadline += now - burst.dueAt;
    burst.dueAt = now + this.#timing.roundIntervalMs;
    this.#waiting.push(burst);
  }
}
