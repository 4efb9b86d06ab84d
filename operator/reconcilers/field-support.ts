import type { ResourceType } from "../framework/api/kube-object.ts";
import type { Clock } from "../framework/clock.ts";
import type { Log } from "../framework/log/log.ts";

/** How long the answer "no such field" is believed: the definitions may be replaced while this process runs. */
const believedMs = 10 * 60_000;

/**
 * Knows which kinds have a field that MetalLB's own definitions lack. The API server drops unknown fields in silence: one
 * that was written and does not come back tells. That is said once.
 */
export class FieldSupport {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #warning: string;
  readonly #missingSince = new Map<string, number>();
  #said = false;

  /** @param warning what is said. */
  constructor(clock: Clock, log: Log, warning: string) {
    this.#clock = clock;
    this.#log = log;
    this.#warning = warning;
  }

  /** Whether the field of this kind is worth writing. */
  has({ plural }: ResourceType): boolean {
    const since = this.#missingSince.get(plural);
    return since === undefined || this.#clock.monotonic() - since > believedMs;
  }

  /** The field was written. @param cameBack it was in the API server's answer. */
  observe({ plural }: ResourceType, cameBack: boolean): void {
    if (cameBack) {
      this.#missingSince.delete(plural);
      return;
    }
    this.#missingSince.set(plural, this.#clock.monotonic());
    if (this.#said) return;
    this.#said = true;
    this.#log.warn(this.#warning, { resource: `${plural}.metallb.io` });
  }
}
