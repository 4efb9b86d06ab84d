import { KubeError } from "./api/kube-api.ts";
import { keyText, parseKeyText } from "./api/kube-object.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log/log.ts";
import { type Reconciler, type Request, TerminalError } from "./reconciler.ts";
import { WorkQueue } from "./workqueue.ts";

/** What a controller counts. */
export type ControllerMetrics = {
  /** metallb_k8s_client_updates_total. */
  readonly updates: { inc(): void };
  /** metallb_k8s_client_update_errors_total. */
  readonly updateErrors: { inc(): void };
};

export type ControllerOptions = {
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: ControllerMetrics;
  /** Keys worked on at once; each key by one worker only. */
  readonly workers?: number;
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
};

/** Feeds one reconciler. */
export interface Controller {
  readonly name: string;
  enqueue(request: Request): void;
  enqueueAfter(request: Request, ms: number): void;
  /** Nothing waits and nobody works; retries that are due later do not count. */
  readonly idle: boolean;
  /** Works until `signal` aborts; resolves when the last reconciliation that had begun has ended. Never rejects. */
  start(signal: AbortSignal): Promise<void>;
}

/** Requests before the start wait; failures are retried with back-off per key, a {@link TerminalError} is not. */
export function createController(options: ControllerOptions): Controller {
  const { name, reconciler, clock, log, metrics, workers = 1, baseDelayMs = 5, maxDelayMs = 1_000_000 } = options;
  const queue = new WorkQueue({ clock, baseDelayMs, maxDelayMs });

  const reconcile = async (key: string): Promise<void> => {
    metrics?.updates.inc();
    try {
      const { requeueAfterMs } = await reconciler.reconcile(parseKeyText(key));
      queue.forget(key);
      if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
    } catch (error) {
      metrics?.updateErrors.inc();
      failed(key, error);
    }
  };

  const failed = (key: string, error: unknown): void => {
    const fields = { controller: name, key, error };
    if (error instanceof TerminalError) {
      queue.forget(key);
      log.error("reconciliation failed for good; waiting for a change", fields);
      return;
    }
    if (error instanceof KubeError && error.retryAfterSeconds !== undefined) {
      queue.addAfter(key, Math.max(1, error.retryAfterSeconds) * 1000);
      log.debug("the API server asks for patience", fields);
      return;
    }
    const retryInMs = queue.addRateLimited(key);
    // Somebody else wrote first, or the object went: the next attempt decides on what is there now.
    const normal = error instanceof KubeError && (error.status === 409 || error.status === 404);
    log[normal ? "debug" : "error"]("reconciliation failed; trying again", { ...fields, retryInMs });
  };

  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await reconcile(key);
      queue.done(key);
    }
  };

  return {
    name,
    enqueue: (request) => queue.add(keyText(request)),
    enqueueAfter: (request, ms) => queue.addAfter(keyText(request), ms),
    get idle() {
      return queue.idle;
    },
    async start(signal) {
      const close = () => queue.close();
      signal.addEventListener("abort", close);
      if (signal.aborted) close();
      await Promise.all(Array.from({ length: workers }, work));
      signal.removeEventListener("abort", close);
    },
  };
}
