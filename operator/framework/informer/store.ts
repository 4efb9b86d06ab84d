import type { ObjectKey } from "../api/kube-object.ts";

/** What an informer knows. Objects are slim and must not be changed. */
export interface Reader<T> {
  /** True once a complete list has been read, and again after the server was restored. Absence means nothing before that. */
  readonly synced: boolean;
  get(key: ObjectKey): T | undefined;
  list(): IterableIterator<T>;
  readonly size: number;
}

/** `before` or `after` is undefined when the object appeared or went. */
export type Change<T> = { readonly key: ObjectKey; readonly before: T | undefined; readonly after: T | undefined };

/** A reader that also finds objects by what an index function said about them. */
export interface IndexedReader<T> extends Reader<T> {
  /** By the text of its key, for whoever has that: to put it together costs more than the look. */
  at(key: string): T | undefined;
  /** Objects for which index `name` yielded `value`. @throws Error when there is no such index. */
  by(name: string, value: string): readonly T[];
}

/** Values under which an object is to be found; keep it cheap and total. */
export type IndexFunction<T> = (object: T) => readonly string[];
