/** What connects the nodes: which packets pass, and who is heard when a node asks the segment. */
export class Segment {
  /** Share of the packets that get lost. */
  loss = 0;
  /** Milliseconds from node to node, without and with the longest delay by chance. */
  delayMs = 0.2;
  jitterMs = 0.1;
  readonly #cut = new Set<string>();
  readonly #unplugged = new Set<string>();
  #sides: ReadonlyMap<string, number> | undefined;
  /** The sides on which the gateway answers. */
  #answering: ReadonlySet<number> = new Set();
  /** Nodes whose membership port is filtered, for both ways or for what they send. */
  readonly #filtered = new Set<string>();
  readonly #filteredOut = new Set<string>();

  /** Nothing passes from the one to the other. */
  cutOneWay(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`);
  }

  mendOneWay(from: string, to: string): void {
    this.#cut.delete(`${from}>${to}`);
  }

  unplug(name: string): void {
    this.#unplugged.add(name);
  }

  plug(name: string): void {
    this.#unplugged.delete(name);
  }

  /** Our protocol does not pass from or to the node; all else does. */
  filter(name: string): void {
    this.#filtered.add(name);
  }

  /** As {@link filter}, for what the node sends. */
  filterOut(name: string): void {
    this.#filteredOut.add(name);
  }

  /** @param answering indexes of the sides on which the gateway is heard. */
  split(sides: readonly (readonly string[])[], answering: readonly number[]): void {
    this.#sides = new Map(sides.flatMap((names, side) => names.map((name) => [name, side] as const)));
    this.#answering = new Set(answering);
  }

  heal(): void {
    this.#sides = undefined;
  }

  passes(from: string, to: string): boolean {
    if (this.#filtered.has(from) || this.#filtered.has(to) || this.#filteredOut.has(from)) return false;
    if (this.#unplugged.has(from) || this.#unplugged.has(to)) return false;
    if (this.#sides !== undefined && this.#sides.get(from) !== this.#sides.get(to)) return false;
    return this.#cut.size === 0 || !(this.#cut.has(`${from}>${to}`) || this.#cut.has(`${from}>*`) || this.#cut.has(`*>${to}`));
  }

  /** True when the gateway answers the node. */
  answers(name: string): boolean {
    if (this.#unplugged.has(name) || this.#cut.has(`${name}>*`) || this.#cut.has(`*>${name}`)) return false;
    return this.#sides === undefined || this.#answering.has(this.#sides.get(name) ?? -1);
  }
}
