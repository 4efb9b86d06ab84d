import { Fifo } from "./fifo.ts";

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
export type BurstFrame = { readonly text: string; readonly part: "first" | "second" };

/** Tells whether the address still has a frame of this kind on the link. */
export type HasFrame = (text: string, part: BurstFrame["part"]) => boolean;

type Burst = {
  readonly text: string;
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

/**
 * The rounds of one interface, paced. No address has to wait for another's second frame before its first: failover of
 * many addresses is told to the segment in the time of one frame for each.
 */
export class BurstQueue {
  readonly #timing: BurstTiming;
  readonly #bursts = new Map<string, Burst>();
  readonly #first = new Fifo<Burst>();
  readonly #second = new Fifo<Burst>();
  /** Rounds after the first that are due. */
  readonly #later = new Fifo<Burst>();
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
  announce(text: string, now: number): void {
    this.#add(text, now, now + this.#timing.burstMs);
  }

  /** One round, unless rounds run already. */
  refresh(text: string, now: number): void {
    this.#add(text, now, now);
  }

  withdraw(text: string): void {
    const burst = this.#bursts.get(text);
    if (burst === undefined) return;
    burst.cancelled = true;
    this.#bursts.delete(text);
  }

  /** Frames to send now, in this order. An address for which `has` denies a first frame is dropped. */
  take(now: number, has: HasFrame): readonly BurstFrame[] {
    this.#refill(now);
    this.#wake(now);
    const frames: BurstFrame[] = [];
    while (this.#allowance >= 1) {
      const before = frames.length;
      if (!this.#takeOne(now, has, frames)) break;
      this.#allowance -= frames.length - before;
    }
    return frames;
  }

  /** When {@link take} should be called next; undefined: when something is announced. */
  nextAt(now: number): number | undefined {
    if (this.#first.length + this.#second.length + this.#later.length > 0) {
      const missing = Math.max(0, 1 - this.#allowance);
      return now + Math.max(batchMs, Math.ceil((missing * 1000) / this.#timing.framesPerSecond));
    }
    return this.#waiting.peek()?.dueAt;
  }

  #add(text: string, now: number, deadline: number): void {
    const running = this.#bursts.get(text);
    if (running !== undefined) {
      running.deadline = Math.max(running.deadline, deadline);
      return;
    }
    const burst: Burst = { text, dueAt: now, deadline, cancelled: false };
    this.#bursts.set(text, burst);
    this.#first.push(burst);
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
      else this.#later.push(burst);
    }
  }

  /** Appends the frames of one step. @returns false when nothing is due. */
  #takeOne(now: number, has: HasFrame, frames: BurstFrame[]): boolean {
    const burst = this.#first.peek() ?? this.#second.peek() ?? this.#later.peek();
    if (burst === undefined) return false;
    const stage = this.#first.length > 0 ? this.#first : this.#second.length > 0 ? this.#second : this.#later;
    stage.shift();
    if (burst.cancelled) return true;
    const { text } = burst;
    if (!has(text, "first")) {
      this.withdraw(text);
      return true;
    }
    if (stage !== this.#second) frames.push({ text, part: "first" });
    if (has(text, "second")) {
      if (stage === this.#first) {
        this.#second.push(burst);
        return true;
      }
      frames.push({ text, part: "second" });
    }
    this.#settle(burst, now);
    return true;
  }

  /** A round is out. What it was late by through pacing is added to the deadline, so that no address loses rounds to it. */
  #settle(burst: Burst, now: number): void {
    burst.deadline += now - burst.dueAt;
    burst.dueAt = now + this.#timing.roundIntervalMs;
    this.#waiting.push(burst);
  }
}
