import { KubeError } from "../api/kube-api.ts";
import { type KubeObject, keyOf, keyText, type ObjectKey, type ResourceType } from "../api/kube-object.ts";
import { applyMergePatch, sameJson } from "../api/merge-patch.ts";

/** What happened to one object. */
export type Recorded = {
  readonly version: number;
  readonly type: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  /** As it was last seen, with the version of the change. */
  readonly object: KubeObject;
};

/** Everything that was stored at a time. */
export type Backup = { readonly version: number; readonly objects: ReadonlyMap<string, ReadonlyMap<string, KubeObject>> };

/**
 * The state of {@link FakeApi}: objects by kind, one version counter and the history that watches replay. Like the real
 * server it counts `generation` up when anything beside metadata and status changes, sends nothing for a write that
 * changes nothing, and keeps an object with finalizers until the last one goes.
 */
export class FakeStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(change: Recorded) => void>();
  readonly #defaults = new Map<string, (object: KubeObject) => KubeObject>();
  #history: Recorded[] = [];
  #version = 1000;
  #compacted = 0;
  #uid = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get version(): number {
    return this.#version;
  }

  get compacted(): number {
    return this.#compacted;
  }

  of(type: ResourceType): Map<string, KubeObject> {
    const id = typeId(type);
    const known = this.#objects.get(id);
    if (known !== undefined) return known;
    const empty = new Map<string, KubeObject>();
    this.#objects.set(id, empty);
    return empty;
  }

  /** Lets `fill` complete every object of `type` that is written, as the real server fills in defaults. */
  defaults(type: ResourceType, fill: (object: KubeObject) => KubeObject): void {
    this.#defaults.set(typeId(type), fill);
  }

  /** Stores a new object, or what `change` makes of the old one. `undefined` precondition: unconditional. */
  write(type: ResourceType, key: ObjectKey, given: KubeObject): KubeObject {
    const object = this.#defaults.get(typeId(type))?.(given) ?? given;
    const before = this.of(type).get(keyText(key));
    const metadata: Record<string, unknown> = { ...object.metadata };
    metadata["uid"] = before?.metadata.uid ?? object.metadata.uid ?? `uid-${++this.#uid}`;
    metadata["creationTimestamp"] = before?.metadata.creationTimestamp ?? object.metadata.creationTimestamp ?? this.#time();
    metadata["generation"] = this.#generation(before, object);
    metadata["resourceVersion"] = before?.metadata.resourceVersion;
    const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
    const after = { ...object, apiVersion, kind: type.kind, metadata } as unknown as KubeObject;
    if (before !== undefined && sameJson(before, after)) return before;
    if (after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0) {
      return this.#remove(type, key, after);
    }
    const stored = this.#stamp(after);
    this.of(type).set(keyText(key), stored);
    this.#record(type, before, stored, stored);
    return stored;
  }

  /** Deletes, or marks as being deleted while finalizers stand. Absent objects are left absent. */
  delete(type: ResourceType, key: ObjectKey): void {
    const before = this.of(type).get(keyText(key));
    if (before === undefined) return;
    if ((before.metadata.finalizers ?? []).length === 0) {
      this.#remove(type, key, before);
      return;
    }
    const deletionTimestamp = before.metadata.deletionTimestamp ?? this.#time();
    this.write(type, key, { ...before, metadata: { ...before.metadata, deletionTimestamp } });
  }

  /** Forgets the history: watches and continue tokens older than now answer 410. */
  compact(): void {
    this.#compacted = this.#version;
    this.#history = [];
  }

  /** What an etcd restored from an older backup does: these objects only, and a version that goes backwards. */
  restore(type: ResourceType, objects: readonly KubeObject[], version: number): void {
    this.#version = version;
    this.#history = [];
    this.#compacted = 0;
    this.of(type).clear();
    for (const object of objects) this.of(type).set(keyText(keyOf(object)), this.#stamp(object));
  }

  /** What {@link FakeStore.revert} goes back to. Versions jump, so that what comes after is told from what comes after that. */
  backup(): Backup {
    const objects = new Map([...this.#objects].map(([id, all]) => [id, new Map(all)]));
    const backup = { version: this.#version, objects };
    this.#version += 10_000;
    return backup;
  }

  /** An etcd restored from a backup, of all kinds: every object has the version that it had then, and the history is gone. */
  revert({ version, objects }: Backup): void {
    this.#objects.clear();
    for (const [id, all] of objects) this.#objects.set(id, new Map(all));
    this.#version = version;
    this.compact();
  }

  /** Events of `type` after `version`, oldest first. @throws KubeError 410 when they are forgotten. */
  since(type: ResourceType, version: number): readonly Recorded[] {
    if (version < this.#compacted) {
      throw new KubeError(`too old resource version: ${version} (${this.#compacted})`, 410, "Expired");
    }
    const first = this.#history.findLastIndex((recorded) => recorded.version <= version) + 1;
    return this.#history.slice(first).filter((recorded) => recorded.type === typeId(type));
  }

  /** Calls `listener` after each change until the returned function is called. */
  onChange(listener: (change: Recorded) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #generation(before: KubeObject | undefined, object: KubeObject): number {
    if (before === undefined) return object.metadata.generation ?? 1;
    const spec = ({ metadata: _, status: __, apiVersion: ___, kind: ____, ...rest }: Record<string, unknown>) => rest;
    const generation = before.metadata.generation ?? 1;
    return sameJson(spec(before as never), spec(object as never)) ? generation : generation + 1;
  }

  #remove(type: ResourceType, key: ObjectKey, object: KubeObject): KubeObject {
    const last = this.#stamp(object);
    const before = this.of(type).get(keyText(key));
    this.of(type).delete(keyText(key));
    this.#record(type, before, undefined, last);
    return last;
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version++;
    return applyMergePatch(object, { metadata: { resourceVersion: String(this.#version) } }) as KubeObject;
  }

  #record(type: ResourceType, before: KubeObject | undefined, after: KubeObject | undefined, object: KubeObject): void {
    const change = { version: this.#version, type: typeId(type), before, after, object };
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }

  #time(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
  }
}

/** Kinds are told apart by group and plural alone: all served versions are one object. */
export function typeId(type: ResourceType): string {
  return `${type.group}/${type.plural}`;
}
