import { sameJson } from "../../../operator/framework/api/merge-patch.ts";
import type { Clock } from "../../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../../operator/framework/conditions.ts";

export type PacedConditionsOptions = {
  readonly clock: Clock;
  /** What there is to say now. */
  readonly present: () => readonly DerivedCondition[];
  /** The conditions changed. */
  readonly onChange: () => void;
};

/** How often they change at most: a pool of the wrong subnet would have them written anew for each of its Services. */
const EVERY_MS = 5_000;

/** Conditions whose subject may change many times a second: the first word is said at once, the next ones together. */
export class PacedConditions {
  readonly #options: PacedConditionsOptions;
  #conditions: readonly DerivedCondition[] = [];
  #waiting = false;

  constructor(options: PacedConditionsOptions) {
    this.#options = options;
  }

  /** As they were said last. */
  get conditions(): readonly DerivedCondition[] {
    return this.#conditions;
  }

  /** Looks at what there is to say, now or when it is time again. */
  follow(): void {
    if (this.#waiting) return;
    const { clock, present, onChange } = this.#options;
    const conditions = present();
    if (sameJson(conditions, this.#conditions)) return;
    this.#conditions = conditions;
    this.#waiting = true;
    clock.after(EVERY_MS, () => {
      this.#waiting = false;
      this.follow();
    });
    onChange();
  }
}
