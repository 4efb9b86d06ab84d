/** Values of labels, by the labels' names. */
type LabelValues = Readonly<Record<string, string>>;

/** Numbers by the values of labels. A series takes a few dozen octets, so that there may be several for each of thousands of Services. */
export class LabelSeries {
  readonly #names: readonly string[];
  /** By the value of the only label, or by all values as JSON. */
  readonly #numbers = new Map<string, number>();

  /** @param names of all labels, at least one. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Adds to the number, which is 0 at first. */
  add(labels: LabelValues, amount: number): void {
    const key = this.#keyOf(labels);
    this.#numbers.set(key, (this.#numbers.get(key) ?? 0) + amount);
  }

  set(labels: LabelValues, value: number): void {
    this.#numbers.set(this.#keyOf(labels), value);
  }

  remove(labels: LabelValues): void {
    this.#numbers.delete(this.#keyOf(labels));
  }

  clear(): void {
    this.#numbers.clear();
  }

  /** In the order of their first number; labels in the order of their names. */
  *entries(): IterableIterator<{ readonly labels: Record<string, string>; readonly value: number }> {
    for (const [key, value] of this.#numbers) yield { labels: this.#labelsOf(key), value };
  }

  #keyOf(labels: LabelValues): string {
    const [first = "", ...others] = this.#names;
    if (others.length === 0) return labels[first] ?? "";
    return JSON.stringify(this.#names.map((name) => labels[name] ?? ""));
  }

  #labelsOf(key: string): Record<string, string> {
    const values: readonly string[] = this.#names.length === 1 ? [key] : JSON.parse(key);
    return Object.fromEntries(this.#names.map((name, at) => [name, values[at] ?? ""]));
  }
}
