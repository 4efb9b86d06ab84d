import type { Counter, Metrics } from "./framework/metrics.ts";

/** Counts the answers of the webhooks; a name beside MetalLB's own. */
export class WebhookMetrics {
  readonly #requests: Counter<"kind" | "allowed">;

  constructor(metrics: Metrics) {
    const help = "Admission requests that were answered, by the kind of object and the answer.";
    this.#requests = metrics.counter("metallb_webhook_requests_total", help, ["kind", "allowed"] as const);
  }

  /** @param kind one of those that have an endpoint, so that the series are few. */
  readonly onVerdict = (kind: string, { allowed }: { readonly allowed: boolean }): void => {
    this.#requests.add({ kind, allowed: String(allowed) });
  };
}
