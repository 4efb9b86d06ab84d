import { KubeError } from "../api/kube-api.ts";
import type { Clock } from "../clock.ts";
import { OverdueWriteError } from "./status.ts";

export type WriteLimiterOptions = {
  readonly clock: Clock;
  /** Writes in flight to begin with. */
  readonly initial?: number;
  readonly max?: number;
  /** Writes begun in a second in the long run, and at once after a rest; absent: as many as the API server takes. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
};

/** Lets as many writes run in parallel as the API server takes well. */
export interface WriteLimiter {
  /** Runs `write` when its turn comes, first come first served; settles as `write` does. */
  run<T>(write: () => Promise<T>): Promise<T>;
  /** Writes that may be in flight now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
}

/** A smoothed latency beyond this and beyond {@link slowFactor} times the best one seen counts as overload. */
const slowMs = 300;
const slowFactor = 8;
const forgetBestAfterMs = 60_000;
/** Weight of the newest latency in the smoothed one. */
const smoothing = 0.1;

/**
 * Additive increase, multiplicative decrease, as TCP does it: the limit doubles per round until the first sign of
 * overload and then grows by one per round; a 429, a 5xx or a lost answer halves it, a much longer latency takes a
 * quarter, once per round. A Retry-After holds all writes back for that long.
 */
export function createWriteLimiter(options: WriteLimiterOptions): WriteLimiter {
  return new AdaptiveLimiter(options);
}

class AdaptiveLimiter implements WriteLimiter {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #allowance: Allowance | undefined;
  readonly #queue: (() => void)[] = [];
  #limit: number;
  #inFlight = 0;
  #slowStart = true;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #smoothedMs = 0;
  #best = { ms: Number.POSITIVE_INFINITY, at: 0 };

  constructor({ clock, initial = 8, max = 32, rate }: WriteLimiterOptions) {
    this.#clock = clock;
    this.#allowance = rate && new Allowance(clock, rate.perSecond, rate.burst, () => this.#pump());
    this.#limit = initial;
    this.#max = max;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async run<T>(write: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#queue.push(start);
      this.#pump();
    });
    const startedAt = this.#clock.monotonic();
    const saturated = this.#inFlight >= this.limit;
    try {
      const result = await write();
      this.#succeeded(startedAt, saturated);
      return result;
    } catch (error) {
      if (isOverload(error)) this.#overloaded(startedAt, error);
      else this.#succeeded(startedAt, saturated);
      throw error;
    } finally {
      this.#inFlight--;
      this.#pump();
    }
  }

  #pump(): void {
    if (this.#heldUntil > this.#clock.monotonic()) return; // the timer that set it pumps
    while (this.#inFlight < this.limit) {
      const [next] = this.#queue;
      if (next === undefined || this.#allowance?.take() === false) return;
      this.#queue.shift();
      this.#inFlight++;
      next();
    }
  }

  #succeeded(startedAt: number, saturated: boolean): void {
    const now = this.#clock.monotonic();
    const ms = now - startedAt;
    if (ms < this.#best.ms || now - this.#best.at > forgetBestAfterMs) this.#best = { ms, at: now };
    this.#smoothedMs += smoothing * (ms - this.#smoothedMs);
    if (this.#smoothedMs > slowMs && this.#smoothedMs > slowFactor * this.#best.ms) this.#decrease(startedAt, 0.75);
    else if (saturated) this.#limit = Math.min(this.#max, this.#limit + (this.#slowStart ? 1 : 1 / this.#limit));
  }

  #overloaded(startedAt: number, error: unknown): void {
    this.#decrease(startedAt, 0.5);
    if (!(error instanceof KubeError) || error.retryAfterSeconds === undefined) return;
    const waitMs = error.retryAfterSeconds * 1000;
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + waitMs);
    this.#clock.after(waitMs, () => this.#pump());
  }

  #decrease(startedAt: number, factor: number): void {
    if (startedAt <= this.#decreasedAt) return; // sent before the last decrease could show
    this.#decreasedAt = this.#clock.monotonic();
    this.#slowStart = false;
    this.#limit = Math.max(1, this.#limit * factor);
  }
}

/** A token bucket that calls back when a token that was refused is there. */
class Allowance {
  readonly #clock: Clock;
  readonly #msPerToken: number;
  readonly #burst: number;
  readonly #onToken: () => void;
  #tokens: number;
  #countedAt: number;
  #waiting = false;

  constructor(clock: Clock, perSecond: number, burst: number, onToken: () => void) {
    this.#clock = clock;
    this.#msPerToken = 1000 / perSecond;
    this.#burst = burst;
    this.#onToken = onToken;
    this.#tokens = burst;
    this.#countedAt = clock.monotonic();
  }

  take(): boolean {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#countedAt) / this.#msPerToken);
    this.#countedAt = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      return true;
    }
    if (this.#waiting) return false;
    this.#waiting = true;
    this.#clock.after(Math.ceil((1 - this.#tokens) * this.#msPerToken), () => {
      this.#waiting = false;
      this.#onToken();
    });
    return false;
  }
}

/** A refusal that says something about the object, such as 409, is no sign of overload; nor is what was not sent. */
function isOverload(error: unknown): boolean {
  if (error instanceof OverdueWriteError) return false;
  return error instanceof KubeError ? error.status === 429 || error.status >= 500 : true;
}
