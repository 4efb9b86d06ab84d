import { judgeMind, judgeWire, type MindVerdict, type WireVerdict } from "../../membership/watchdog.ts";

const slots = { tickedAt: 0, tapsAlive: 1, mindReady: 2, muted: 3, mindTickedAt: 4, handedOver: 5 } as const;

/**
 * What the threads know of each other even while one of them stands still. Times are milliseconds of
 * {@link machineMilliseconds}, which all threads read alike.
 */
export class SharedState {
  readonly #slots: BigInt64Array;

  /** @param buffer from {@link SharedState.allocate}, handed to every thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.#slots = new BigInt64Array(buffer);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * Object.keys(slots).length);
  }

  /** The wire says that it runs. */
  tick(now: number): void {
    this.#set(slots.tickedAt, now);
  }

  setTapsAlive(alive: boolean): void {
    this.#set(slots.tapsAlive, alive ? 1 : 0);
  }

  setMuted(muted: boolean): void {
    this.#set(slots.muted, muted ? 1 : 0);
  }

  /** The mind says that it runs. */
  tickMind(now: number): void {
    this.#set(slots.mindTickedAt, now);
  }

  /** The mind stands still, and another node has taken this one's addresses. */
  setHandedOver(handedOver: boolean): void {
    this.#set(slots.handedOver, handedOver ? 1 : 0);
  }

  get handedOver(): boolean {
    return this.#get(slots.handedOver) === 1;
  }

  /** The mind has read everything once and has decided on it. */
  setMindReady(): void {
    this.#set(slots.mindReady, 1);
  }

  get mindReady(): boolean {
    return this.#get(slots.mindReady) === 1;
  }

  get muted(): boolean {
    return this.#get(slots.muted) === 1;
  }

  /** @param watchingSince when the caller began to look, for a wire that never ticks. */
  judge(now: number, watchingSince: number): WireVerdict {
    const lastTickAt = this.#time(slots.tickedAt);
    // Before the first tick nothing is known about taps.
    const tapsAlive = lastTickAt === undefined || this.#get(slots.tapsAlive) === 1;
    return judgeWire({ now, watchingSince, lastTickAt, tapsAlive });
  }

  /** @param watchingSince as for {@link judge}. */
  judgeMind(now: number, watchingSince: number): MindVerdict {
    return judgeMind({ now, watchingSince, lastTickAt: this.#time(slots.mindTickedAt) });
  }

  /** Undefined: never. */
  #time(slot: number): number | undefined {
    return this.#get(slot) || undefined;
  }

  #set(slot: number, value: number): void {
    Atomics.store(this.#slots, slot, BigInt(Math.round(value)));
  }

  #get(slot: number): number {
    return Number(Atomics.load(this.#slots, slot));
  }
}

/** The machine's monotonic clock in milliseconds: the same number in every thread, unlike `performance.now()`. */
export function machineMilliseconds(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
