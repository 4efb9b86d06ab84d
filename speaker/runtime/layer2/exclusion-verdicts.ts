/**
 * Which interfaces are excluded, as far as the mind has said: it reads the file, so that the wire does without a YAML parser
 * and a regular expression engine.
 */
export class ExclusionVerdicts {
  /** By name; undefined: asked and not answered yet. */
  #verdicts: ReadonlyMap<string, boolean | undefined> = new Map();

  /** Follows the interfaces that exist and forgets the others. @returns the names to ask about, each once. */
  follow(names: readonly string[]): readonly string[] {
    const before = this.#verdicts;
    this.#verdicts = new Map(names.map((name) => [name, before.get(name)]));
    return names.filter((name) => !before.has(name));
  }

  /** Verdicts about interfaces that have gone meanwhile are dropped. */
  learn(verdicts: ReadonlyMap<string, boolean>): void {
    this.#verdicts = new Map([...this.#verdicts].map(([name, verdict]) => [name, verdicts.get(name) ?? verdict]));
  }

  /** An interface without a verdict counts as excluded: nothing may be said on it. */
  isExcluded(name: string): boolean {
    return this.#verdicts.get(name) ?? true;
  }

  /** No interface waits for its verdict. */
  get complete(): boolean {
    return ![...this.#verdicts.values()].includes(undefined);
  }
}
