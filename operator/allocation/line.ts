/** Something with a place in a line; lower came earlier. */
export type Placed = { readonly place: number };

type Head<T> = { readonly first: T; readonly rest: Iterator<T> };

/**
 * Takes the earliest of several lines again and again. In one line all want the same: as soon as its first cannot be
 * helped, nobody in it can.
 * @param lines each in the order of places.
 * @param canBeHelped asked anew before each step.
 */
export function* inTurn<T extends Placed>(lines: Iterable<Iterable<T>>, canBeHelped: (item: T) => boolean): Generator<T> {
  let heads = [...lines].map((line) => headOf(line[Symbol.iterator]())).filter((head) => head !== undefined);
  for (;;) {
    heads = heads.filter(({ first }) => canBeHelped(first));
    const [earliest] = heads.length === 0 ? [] : [heads.reduce((a, b) => (b.first.place < a.first.place ? b : a))];
    if (earliest === undefined) return;
    yield earliest.first;
    const next = headOf(earliest.rest);
    heads = heads.filter((head) => head !== earliest);
    if (next !== undefined) heads.push(next);
  }
}

function headOf<T>(rest: Iterator<T>): Head<T> | undefined {
  const { value, done } = rest.next();
  return done ? undefined : { first: value, rest };
}
