import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { SharedState } from "../threads/shared-state.ts";

export type WireWatchOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly shared: SharedState;
  readonly sharedNow: () => number;
  /** The wire is lost, or is back. */
  readonly onChange: () => void;
  /** It was looked at, as it is every now and then. */
  readonly onLook: () => void;
};

/** How often the wire's tick is looked at. */
const EVERY_MS = 500;

/** While the wire stands still or is deaf, this node is no member: others are to own its addresses. */
export class WireWatch {
  readonly #options: WireWatchOptions;
  readonly #startedAt: number;
  #alive = true;
  #cancel: Cancel = () => undefined;

  constructor(options: WireWatchOptions) {
    this.#options = options;
    this.#startedAt = options.sharedNow();
  }

  get alive(): boolean {
    return this.#alive;
  }

  start(): void {
    this.look();
    this.#options.onLook();
    this.#cancel = this.#options.clock.after(EVERY_MS, () => this.start());
  }

  stop(): void {
    this.#cancel();
  }

  look(): void {
    const { shared, sharedNow, log, onChange } = this.#options;
    const verdict = shared.judge(sharedNow(), this.#startedAt);
    if (verdict.alive === this.#alive) return;
    this.#alive = verdict.alive;
    if (verdict.alive) log.info("the wire is back");
    else log.error("the wire is lost; this node counts itself out", { reason: verdict.reason });
    onChange();
  }
}
