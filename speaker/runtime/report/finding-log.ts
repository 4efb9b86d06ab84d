import { type Finding, textOfFinding } from "../../../crds/config/finding.ts";
import type { Log } from "../../../operator/framework/log/log.ts";

/** Says of each object that is set aside why, once for as long as it is. */
export class FindingLog {
  readonly #log: Log;
  #said: ReadonlySet<string> = new Set();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param errors all that there are now. */
  follow(errors: readonly Finding[]): void {
    const texts = new Set<string>();
    for (const finding of errors) {
      const { code, object } = finding;
      const reason = textOfFinding(finding);
      const text = JSON.stringify([code, object, reason]);
      texts.add(text);
      if (!this.#said.has(text)) this.#log.warn("an object is set aside", { code, object, reason });
    }
    this.#said = texts;
  }
}
