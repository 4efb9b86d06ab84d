/** One key of a YAML mapping. */
export type Entry = { readonly key: string /** Counts from 1. */; readonly line: number; readonly value: unknown };

/** Something that is wrong at a line. */
export type Fault = { readonly line: number; readonly reason: string };

/** One sentence for each key that a mapping has more than once. */
export function doubledKeys(entries: readonly Entry[]): readonly Fault[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ key, line }) => {
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, line);
      return [];
    }
    const reason =
      `the key ${JSON.stringify(key)} is there twice, first in line ${before}: ` +
      "kubectl keeps the last one without a word; remove one";
    return [{ line, reason }];
  });
}

/**
 * The Kubernetes objects that one mapping is made of where lines with --- are missing: a new one begins with a key that the
 * one before has already. Fewer than two: nothing runs together, as neither `apiVersion` nor `kind` is doubled.
 */
export function objectsRunTogether(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const counts = (wanted: string): number => entries.filter(({ key }) => key === wanted).length;
  if (counts("apiVersion") < 2 && counts("kind") < 2) return [entries];
  const pieces: Entry[][] = [[]];
  for (const entry of entries) {
    if (pieces.at(-1)?.some(({ key }) => key === entry.key)) pieces.push([]);
    pieces.at(-1)?.push(entry);
  }
  return pieces;
}

/** Which objects kubectl would lose of those that run together: it keeps the last value of each key. */
export function lostObjects(pieces: readonly (readonly Entry[])[]): readonly Fault[] {
  const lastKeys = new Set(pieces.slice(1).flatMap((piece) => piece.map(({ key }) => key)));
  return pieces.slice(1).map((piece, index) => {
    const before = pieces[index] ?? [];
    const line = piece[0]?.line ?? 1;
    const doubled = before.filter(({ key }) => lastKeys.has(key)).map(({ key }) => JSON.stringify(key));
    const reason =
      `${nameOf(piece)} begins without a line --- before it, so that kubectl would lose ${nameOf(before)} of line ` +
      `${before[0]?.line ?? 1} without a word: of ${doubled.join(", ")} it keeps the last. Put --- on a line of its own here`;
    return { line, reason };
  });
}

function nameOf(piece: readonly Entry[]): string {
  const member = (wanted: string): unknown => piece.find(({ key }) => key === wanted)?.value;
  const kind = member("kind");
  const metadata = member("metadata");
  const name: unknown =
    typeof metadata === "object" && metadata !== null ? Object.getOwnPropertyDescriptor(metadata, "name")?.value : undefined;
  const what = typeof kind === "string" ? kind : "an object";
  return typeof name === "string" ? `${what} ${JSON.stringify(name)}` : `${what} without a name`;
}
