/** Nothing of the calling thread runs meanwhile. For the mind, and for tests of the watchdog. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
