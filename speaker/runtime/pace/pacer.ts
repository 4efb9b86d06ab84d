import { CpuAllowance, type CpuAllowanceOptions } from "./cpu-allowance.ts";

export type PacerOptions = CpuAllowanceOptions & {
  /** Nothing of the calling thread runs meanwhile. */
  readonly rest: (ms: number) => void;
};

/** Blocks its thread between pieces of work, so that a limit of CPU leaves something for the threads that must not wait. */
export class Pacer extends CpuAllowance {
  readonly #rest: (ms: number) => void;

  constructor(options: PacerOptions) {
    super(options);
    this.#rest = options.rest;
  }

  /** To be called between any two pieces of work, as often as one likes. Takes tens of milliseconds at most. */
  pace(): void {
    for (let ms = this.dueRest(); ms > 0; ms = this.rested()) this.#rest(ms);
  }
}
