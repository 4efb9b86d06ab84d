import type { Clock } from "../framework/clock.ts";
import type { KubeObject, ResourceType } from "../framework/kube-object.ts";
import type { Log } from "../framework/log.ts";

/** How long the answer "no conditions" is believed: the definitions may be replaced while this process runs. */
const believedMs = 10 * 60_000;

/**
 * Knows which kinds have `status.conditions`. MetalLB's own definitions have none, and the API server drops unknown
 * fields in silence: a condition that was written and does not come back tells.
 */
export class ConditionSupport {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #missingSince = new Map<string, number>();
  #said = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether conditions of this kind are worth writing. */
  has({ plural }: ResourceType): boolean {
    const since = this.#missingSince.get(plural);
    return since === undefined || this.#clock.monotonic() - since > believedMs;
  }

  /** Conditions were written; this is what the API server answered. */
  observe(
    { plural }: ResourceType,
    written: KubeObject & { readonly status?: { readonly conditions?: readonly unknown[] } },
  ): void {
    if (written.status?.conditions !== undefined) {
      this.#missingSince.delete(plural);
      return;
    }
    this.#missingSince.set(plural, this.#clock.monotonic());
    if (this.#said) return;
    this.#said = true;
    this.#log.warn(
      "the CustomResourceDefinitions in this cluster have no status.conditions: conditions are left out; apply Herald's definitions to see them",
      { resource: `${plural}.metallb.io` },
    );
  }
}
