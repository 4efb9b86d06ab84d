import { isDeepStrictEqual } from "node:util";
import { type Adopted, adopt } from "../../../crds/config/adopt.ts";
import type { Backend } from "../../../crds/config/backend.ts";
import type { Finding } from "../../../crds/config/finding.ts";
import type { Resources } from "../../../crds/config/resources.ts";
import type { Snapshot } from "../../../crds/config/snapshot.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";

export type ConfigurationOptions = {
  readonly resources: () => Resources;
  readonly clock: Clock;
  /** Whose limits the configuration has to keep; Herald's own when absent. */
  readonly backend?: Backend;
  /** The objects were compiled. `changed` is false when they mean the same as before: findings may differ all the same. */
  readonly onAdopted: (changed: boolean) => void;
};

/** Objects are often applied together; compile them once. */
const SETTLE_MS = 50;

/** The configuration in force: compiled shortly after its objects changed. */
export class Configuration {
  readonly #options: ConfigurationOptions;
  #adopted: Adopted | undefined;
  #pending: Cancel | undefined;
  #open = false;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
  }

  /** All kinds have been read: from now on the absence of an object means that it does not exist. */
  open(): void {
    this.#open = true;
    this.#adopt();
  }

  changed(): void {
    if (!this.#open || this.#pending !== undefined) return;
    this.#pending = this.#options.clock.after(SETTLE_MS, () => {
      this.#pending = undefined;
      this.#adopt();
    });
  }

  get snapshot(): Snapshot | undefined {
    return this.#adopted?.snapshot;
  }

  /** Undefined until the first compilation. */
  get adopted(): Adopted | undefined {
    return this.#adopted;
  }

  get findings(): readonly Finding[] {
    return this.#adopted?.findings ?? [];
  }

  #adopt(): void {
    const before = this.#adopted;
    this.#adopted = adopt(before, this.#options.resources(), { backend: this.#options.backend ?? "herald" });
    this.#options.onAdopted(!isDeepStrictEqual(before?.snapshot, this.#adopted.snapshot));
  }
}
