import { steadyMs } from "./timing.ts";

/** How many lived before others came back: while the parts of a cluster find together, each still knows how large it was. */
export class SteadyCount {
  #value = 1;
  #last = 1;
  #since = 0;

  get value(): number {
    return this.#value;
  }

  /** @param lived milliseconds; to be called often. */
  update(alive: number, lived: number): void {
    if (alive !== this.#last) {
      this.#last = alive;
      this.#since = lived;
    }
    if (alive < this.#value || lived - this.#since >= steadyMs) this.#value = alive;
  }
}
