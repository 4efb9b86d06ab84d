import type { KubeApi, ListOptions, ListPage, WatchEvent, WatchOptions, WriteOptions } from "../api/kube-api.ts";
import { KubeError } from "../api/kube-api.ts";
import { type KubeObject, keyOf, keyText, type ObjectKey, type ResourceType } from "../api/kube-object.ts";
import { applyMergePatch } from "../api/merge-patch.ts";
import { FakeStore, type Recorded, typeId } from "./fake-store.ts";
import { matchesFieldSelector, matchesLabelSelector } from "./selector-text.ts";

export type FakeVerb = "get" | "list" | "watch" | "create" | "patch" | "apply" | "delete";

/** One call as the server saw it; `body` is what was sent. */
export type FakeRequest = {
  readonly verb: FakeVerb;
  readonly type: ResourceType;
  readonly key?: ObjectKey;
  readonly body?: unknown;
  readonly subresource?: "status";
  readonly fieldManager?: string;
  /** Of an apply: it takes what another manager has. */
  readonly force?: boolean;
};

/** Runs before a request is carried out: may wait, and may throw what the caller shall get. */
export type FakeHook = (request: FakeRequest) => void | Promise<void>;

type OpenWatch = { readonly type: ResourceType; readonly end: (error?: Error) => void; readonly bookmark: () => void };

type Snapshot = { readonly version: number; readonly items: readonly KubeObject[] };

/**
 * An API server in memory: versions, generations, finalizers, 404, 409, 410, pages, selectors, watches with history, and
 * the status subresource of every kind except leases, events and the like. Tests act as the user with {@link put} and
 * {@link remove}, and as bad weather with {@link fail}, {@link hook}, {@link breakWatches} and {@link compact}.
 * Server-side apply is approximated by a merge; field ownership is not kept.
 */
export class FakeApi implements KubeApi {
  readonly requests: FakeRequest[] = [];
  readonly store: FakeStore;
  readonly #hooks = new Set<FakeHook>();
  readonly #creators = new Map<string, (object: KubeObject) => KubeObject>();
  readonly #watches = new Set<OpenWatch>();
  readonly #snapshots = new Map<string, Snapshot>();
  #names = 0;

  constructor(now: () => number = () => Date.UTC(2026, 0, 1)) {
    this.store = new FakeStore(now);
  }

  /** As the user: creates or replaces; status is kept when `object` has none. Returns what is stored. */
  put<T extends KubeObject>(type: ResourceType, object: T): T {
    const before = this.store.of(type).get(keyText(keyOf(object))) as Record<string, unknown> | undefined;
    const status = (object as Record<string, unknown>)["status"] ?? before?.["status"];
    const whole = status === undefined ? object : { ...object, status };
    return clone(this.store.write(type, keyOf(object), clone(whole))) as T;
  }

  /** As the user: deletes. */
  remove(type: ResourceType, key: ObjectKey): void {
    this.store.delete(type, key);
  }

  /** What is stored now, without a request. */
  peek<T extends KubeObject>(type: ResourceType, key: ObjectKey): T | undefined {
    const object = this.store.of(type).get(keyText(key));
    return object === undefined ? undefined : (clone(object) as T);
  }

  /** Calls `hook` before every request from now on, until the returned function is called. */
  hook(hook: FakeHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** Lets the next `times` requests that `matches` accepts fail with `error`. */
  fail(matches: (request: FakeRequest) => boolean, error: Error, times = 1): void {
    let left = times;
    const stop = this.hook((request) => {
      if (!matches(request)) return;
      if (--left <= 0) stop();
      throw error;
    });
  }

  /** Answers creations of a virtual kind, such as TokenReview, instead of storing them. */
  answer(type: ResourceType, reply: (object: KubeObject) => KubeObject): void {
    this.#creators.set(typeId(type), reply);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Ends all watches: cleanly, or with `error`. @param of which kinds; absent: all. */
  breakWatches(error?: Error, of: (type: ResourceType) => boolean = () => true): void {
    for (const watch of [...this.#watches]) if (of(watch.type)) watch.end(error);
  }

  /** Sends every watch a bookmark of the present version. */
  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark();
  }

  /** Watches and continue tokens from before now answer 410. */
  compact(): void {
    this.store.compact();
    this.#snapshots.clear();
  }

  async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
    await this.#receive({ verb: "get", type, key });
    return this.peek<T>(type, key);
  }

  async listPage<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<ListPage<T>> {
    await this.#receive({ verb: "list", type, body: { ...options } });
    const token = options.continue;
    const snapshot = token === undefined ? this.#select(type, options) : this.#snapshots.get(token.split("/")[0] ?? "");
    if (snapshot === undefined) throw new KubeError("The provided continue parameter is too old", 410, "Expired");
    const from = token === undefined ? 0 : Number(token.split("/")[1]);
    const to = from + (options.limit ?? Number.POSITIVE_INFINITY);
    const items = snapshot.items.slice(from, to).map((item) => {
      const copy = clone(item) as T;
      return options.slim === undefined ? copy : options.slim(copy);
    });
    const page = { items, resourceVersion: String(snapshot.version) };
    if (to >= snapshot.items.length) return page;
    const name = `${typeId(type)}@${snapshot.version}`.replaceAll("/", "_");
    this.#snapshots.set(name, snapshot);
    return { ...page, continue: `${name}/${to}` };
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<readonly T[]> {
    return (await this.listPage(type, options)).items;
  }

  async watch<T extends KubeObject>(type: ResourceType, options: WatchOptions<T>): Promise<void> {
    const { namespace, labelSelector, fieldSelector, resourceVersion } = options;
    await this.#receive({ verb: "watch", type, body: { namespace, labelSelector, fieldSelector, resourceVersion } });
    if (options.signal.aborted) return;
    let version = Number(options.resourceVersion);
    const pump = () => {
      for (const recorded of this.store.since(type, version)) {
        version = recorded.version;
        const event = visible(recorded, options);
        if (event !== undefined) options.onEvent(clone(event) as WatchEvent<T>);
      }
      version = Math.max(version, this.store.version);
    };
    this.store.since(type, version);
    options.onOpen?.();
    pump();
    await new Promise<void>((resolve, reject) => {
      const unsubscribe = this.store.onChange(pump);
      const end = (error?: Error) => {
        unsubscribe();
        this.#watches.delete(watch);
        options.signal.removeEventListener("abort", onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onAbort = () => end();
      const bookmark = () => options.onEvent({ type: "BOOKMARK", resourceVersion: String(this.store.version) });
      const watch = { type, end, bookmark };
      this.#watches.add(watch);
      options.signal.addEventListener("abort", onAbort);
    });
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const name = object.metadata.name ?? `${object.metadata.generateName ?? ""}${++this.#names}`;
    const named = { ...clone(object), metadata: { ...clone(object.metadata), name } };
    await this.#receive({ verb: "create", type, key: keyOf(named), body: clone(object), ...options });
    const reply = this.#creators.get(typeId(type));
    if (reply !== undefined) return clone(reply(named)) as T;
    if (this.store.of(type).has(keyText(keyOf(named)))) {
      throw new KubeError(`${type.plural} "${name}" already exists`, 409, "AlreadyExists");
    }
    if (hasStatus(type)) delete (named as Record<string, unknown>)["status"];
    return clone(this.store.write(type, keyOf(named), named)) as T;
  }

  async mergePatch<T extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    await this.#receive({ verb: "patch", type, key, body: clone(patch), ...options });
    const before = this.store.of(type).get(keyText(key));
    if (before === undefined) throw new KubeError(`${type.plural} "${key.name}" not found`, 404, "NotFound");
    const wanted = (patch as { readonly metadata?: { readonly resourceVersion?: string } }).metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== before.metadata.resourceVersion) {
      const message = "the object has been modified; please apply your changes to the latest version and try again";
      throw new KubeError(`Operation cannot be fulfilled on ${type.plural} "${key.name}": ${message}`, 409, "Conflict");
    }
    const merged = applyMergePatch(before, clone(patch)) as Record<string, unknown>;
    const written = this.store.write(type, key, restrict(type, before, merged, options.subresource));
    return clone(written) as T;
  }

  async apply<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force: boolean },
  ): Promise<T> {
    await this.#receive({ verb: "apply", type, key: keyOf(object), body: clone(object), ...options });
    const before = this.store.of(type).get(keyText(keyOf(object)));
    if (before === undefined && options.subresource === "status") {
      throw new KubeError(`${type.plural} "${object.metadata.name}" not found`, 404, "NotFound");
    }
    const merged = applyMergePatch(before ?? { metadata: {} }, clone(object)) as Record<string, unknown>;
    const written = this.store.write(type, keyOf(object), restrict(type, before, merged, options.subresource));
    return clone(written) as T;
  }

  async delete(type: ResourceType, key: ObjectKey): Promise<void> {
    await this.#receive({ verb: "delete", type, key });
    this.store.delete(type, key);
  }

  async #receive(request: FakeRequest): Promise<void> {
    this.requests.push(request);
    for (const hook of [...this.#hooks]) await hook(request);
  }

  #select(type: ResourceType, scope: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">): Snapshot {
    const items = [...this.store.of(type).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
      .filter((object) => inScope(object, scope));
    return { version: this.store.version, items };
  }
}

type Scope = Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">;

function inScope(object: KubeObject, scope: Scope): boolean {
  if (scope.namespace !== undefined && object.metadata.namespace !== scope.namespace) return false;
  return matchesLabelSelector(object, scope.labelSelector) && matchesFieldSelector(object, scope.fieldSelector);
}

/** A watch under a selector sees an object that stops to match as deleted, and one that begins to match as added. */
function visible({ before, after, object }: Recorded, scope: Scope): WatchEvent<KubeObject> | undefined {
  const was = before !== undefined && inScope(before, scope);
  const is = after !== undefined && inScope(after, scope);
  if (is) return { type: was ? "MODIFIED" : "ADDED", object };
  return was ? { type: "DELETED", object } : undefined;
}

/** A status write changes status alone (core kinds: metadata too), any other write leaves status as it was. */
function restrict(
  type: ResourceType,
  before: KubeObject | undefined,
  merged: Record<string, unknown>,
  subresource: "status" | undefined,
): KubeObject {
  if (!hasStatus(type)) return merged as unknown as KubeObject;
  const old = (before ?? {}) as Record<string, unknown>;
  if (subresource === "status") {
    const metadata = type.group === "" ? merged["metadata"] : old["metadata"];
    return { ...old, metadata, status: merged["status"] } as unknown as KubeObject;
  }
  const { status: _, ...rest } = merged;
  return (old["status"] === undefined ? rest : { ...rest, status: old["status"] }) as unknown as KubeObject;
}

function hasStatus(type: ResourceType): boolean {
  return !["leases", "events", "secrets", "configmaps", "endpointslices", "validatingwebhookconfigurations"].includes(
    type.plural,
  );
}

function clone<T>(value: T): T {
  return structuredClone(value);
}
