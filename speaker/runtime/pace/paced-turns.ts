import type { Clock } from "../../../operator/framework/clock.ts";
import { CpuAllowance, type CpuAllowanceOptions } from "./cpu-allowance.ts";

export type PacedTurnsOptions = CpuAllowanceOptions & {
  readonly clock: Pick<Clock, "after">;
  /** Runs the callback after all that waits in the thread. */
  readonly yieldThen: (run: () => void) => void;
};

/**
 * Lets pieces of work take turns, one after another in the order in which they asked, with everything else of the thread in between.
 * Where a limit of CPU wants a rest they wait for it, and nothing else does.
 */
export class PacedTurns extends CpuAllowance {
  readonly #options: PacedTurnsOptions;
  readonly #waiting: (() => void)[] = [];
  #running = false;

  constructor(options: PacedTurnsOptions) {
    super(options);
    this.#options = options;
  }

  /** Runs `piece` in a turn of its own. */
  take(piece: () => void): void {
    this.#waiting.push(piece);
    if (this.#running) return;
    this.#running = true;
    this.#later();
  }

  #later(): void {
    this.#options.yieldThen(() => {
      this.#restThenTurn(this.dueRest());
    });
  }

  #restThenTurn(ms: number): void {
    if (ms === 0) this.#turn();
    else this.#options.clock.after(ms, () => this.#restThenTurn(this.rested()));
  }

  #turn(): void {
    const piece = this.#waiting.shift();
    this.#running = this.#waiting.length > 0;
    if (this.#running) this.#later();
    piece?.();
  }
}
