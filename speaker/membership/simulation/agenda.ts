type Item = { readonly at: number; readonly order: number; readonly run: () => void };

/** What happens when, in virtual milliseconds: a binary heap. What is due at the same time happens in the order of its adding. */
export class Agenda {
  readonly #heap: Item[] = [];
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  at(time: number, run: () => void): void {
    const item = { at: Math.max(time, this.#now), order: this.#order, run };
    this.#order += 1;
    this.#heap.push(item);
    let place = this.#heap.length - 1;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (!this.#before(place, above)) break;
      this.#swap(place, above);
      place = above;
    }
  }

  /** Lets everything happen that is due until then. */
  runUntil(time: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.at <= time; first = this.#heap[0]) {
      this.#removeFirst();
      this.#now = first.at;
      first.run();
    }
    this.#now = time;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      const right = left + 1;
      let least = place;
      if (left < this.#heap.length && this.#before(left, least)) least = left;
      if (right < this.#heap.length && this.#before(right, least)) least = right;
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x === undefined || y === undefined) return;
    this.#heap[a] = y;
    this.#heap[b] = x;
  }
}
