import { type KubeObject, keyText, type ObjectKey, parseKeyText } from "../api/kube-object.ts";
import type { Change, IndexedReader, IndexFunction } from "./store.ts";

/** The objects of one informer, with indexes that are kept up to date. Only the informer writes. */
export class ObjectStore<T extends KubeObject> implements IndexedReader<T> {
  synced = false;
  readonly #objects = new Map<string, T>();
  readonly #functions: Readonly<Record<string, IndexFunction<T>>>;
  /** A value that one object has is with its key alone: of most values there is one, and a Set takes a quarter of a kilobyte. */
  readonly #indexes = new Map<string, Map<string, string | Set<string>>>();

  constructor(functions: Readonly<Record<string, IndexFunction<T>>> = {}) {
    this.#functions = functions;
    for (const name of Object.keys(functions)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  at(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): IterableIterator<T> {
    return this.#objects.values();
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  by(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    const found: T[] = [];
    for (const key of keysIn(index, value)) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** Replaces or, with `after` undefined, removes; returns what changed, undefined when there was nothing to remove. */
  set(key: string, after: T | undefined): Change<T> | undefined {
    const before = this.#objects.get(key);
    if (before === undefined && after === undefined) return undefined;
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, after);
    this.#reindex(key, before, after);
    return { key: parseKeyText(key), before, after };
  }

  #reindex(key: string, before: T | undefined, after: T | undefined): void {
    for (const [name, valuesOf] of Object.entries(this.#functions)) {
      const index = this.#indexes.get(name);
      if (index === undefined) continue;
      const values = new Set(after === undefined ? [] : valuesOf(after));
      for (const value of before === undefined ? [] : valuesOf(before)) if (!values.has(value)) removeFrom(index, value, key);
      for (const value of values) addTo(index, value, key);
    }
  }
}

function keysIn(index: ReadonlyMap<string, string | Set<string>>, value: string): Iterable<string> {
  const keys = index.get(value) ?? [];
  return typeof keys === "string" ? [keys] : keys;
}

function addTo(index: Map<string, string | Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, key);
  else if (typeof keys !== "string") keys.add(key);
  else if (keys !== key) index.set(value, new Set([keys, key]));
}

function removeFrom(index: Map<string, string | Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (typeof keys === "object") keys.delete(key);
  if (typeof keys !== "object" || keys.size === 0) index.delete(value);
}
