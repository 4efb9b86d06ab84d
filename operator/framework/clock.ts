/** Cancels a timer; harmless when it fired already. */
export type Cancel = () => void;

/** The only source of time. Tests drive {@link FakeClock} instead. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Monotonic, milliseconds from an arbitrary start. */
  monotonic(): number;
  /**
   * Calls `run` once, `ms` milliseconds later by {@link monotonic} and never earlier: who looks at the time again then must
   * not find it unripe. Never keeps the process alive by itself.
   */
  after(ms: number, run: () => void): Cancel;
}
