import type { Clock } from "../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import { type Unreachable, unreachableCondition } from "../status/unreachable.ts";

export type ReachabilityReportOptions = {
  readonly clock: Clock;
  /** What is announced and cannot be reached now, by Service. */
  readonly unreachable: () => ReadonlyMap<string, Unreachable>;
  /** The condition changed. */
  readonly onChange: () => void;
};

/** How often the condition changes at most: a pool of the wrong subnet would have it written anew for each of its Services. */
const EVERY_MS = 5_000;

/** The condition about addresses that nobody can ask for: the first word at once, the next ones together. */
export class ReachabilityReport {
  readonly #options: ReachabilityReportOptions;
  #condition: DerivedCondition | undefined;
  #waiting = false;

  constructor(options: ReachabilityReportOptions) {
    this.#options = options;
  }

  /** As it was said last. */
  get condition(): DerivedCondition | undefined {
    return this.#condition;
  }

  /** Looks at what is unreachable, now or when it is time again. */
  follow(): void {
    if (this.#waiting) return;
    const { clock, unreachable, onChange } = this.#options;
    const present = unreachableCondition(unreachable());
    if (present?.message === this.#condition?.message) return;
    this.#condition = present;
    this.#waiting = true;
    clock.after(EVERY_MS, () => {
      this.#waiting = false;
      this.follow();
    });
    onChange();
  }
}
