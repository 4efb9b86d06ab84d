import type { Attempt } from "../../e2e/failover/timeline.ts";

/** What the loss of one way of several costs connections. Times are milliseconds. */
export type Loss = {
  readonly tried: number;
  /** Connections whose first packet was lost, whether or not a later try of the kernel's came through. */
  readonly failed: number;
  /** From the first of them to the last. */
  readonly spanMs: number;
  /** From the order to cut the link to the last of them. */
  readonly lastAfterMs: number;
};

/** The kernel tries again after a second: a connection that took so long has lost its first packet. */
const firstTryMs = 900;

/** @param cutAt when the link was ordered to be cut, by the clock of the attempts. */
export function lossOf(attempts: readonly Attempt[], cutAt: number): Loss {
  const failed = attempts.filter(({ failure, tookMs }) => failure !== undefined || tookMs > firstTryMs).map(({ at }) => at);
  const [first, last] = [Math.min(...failed), Math.max(...failed)];
  const none = failed.length === 0;
  return {
    tried: attempts.length,
    failed: failed.length,
    spanMs: none ? 0 : last - first,
    lastAfterMs: none ? 0 : last - cutAt,
  };
}
