import { type KubeApi, KubeError, type ListPage, MalformedAnswerError, type WatchEvent } from "../api/kube-api.ts";
import { type KubeObject, keyOf, keyText, type ResourceType } from "../api/kube-object.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import { pause } from "../pause.ts";
import { ObjectStore } from "./object-store.ts";
import type { Change, IndexedReader, IndexFunction } from "./store.ts";

export type InformerOptions<T extends KubeObject> = {
  readonly api: KubeApi;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Cuts an object down to what is read; must keep metadata.name, namespace, uid and resourceVersion. */
  readonly slim?: (object: T) => T;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Told of every change after the store holds it; may throw, which is logged. */
  readonly onChange: (change: Change<T>) => void;
  /**
   * The server's versions ran backwards, as after a restore from a backup: called before any change that shows it. Until a
   * complete list has been read, the copy is not synced.
   */
  readonly onRewind?: () => void;
  /** The copy is synced again, after {@link InformerOptions.onRewind} or {@link Informer.relist}. */
  readonly onRelisted?: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ value < 1. */
  readonly random?: () => number;
  readonly pageSize?: number;
  /**
   * Where watching is forbidden and listing is not, list again and again: for a kind with few objects of which every change
   * matters. Otherwise the last known objects stay.
   */
  readonly listsInstead?: boolean;
};

/** Keeps a local copy of one kind. */
export interface Informer<T> {
  readonly type: ResourceType;
  readonly reader: IndexedReader<T>;
  /** Resolves once the first complete list has been read. */
  readonly synced: Promise<void>;
  /** Why the copy may be out of date at the moment; undefined while list and watch succeed. */
  readonly failing: string | undefined;
  /** Others know that the server was restored: the copy counts as unsynced until it has been read anew. */
  relist(): void;
  /** Lists and watches until `signal` aborts; resolves when all has stopped, never rejects. Call once. */
  start(signal: AbortSignal): Promise<void>;
}

/** Objects are cut down as they arrive, so a long page takes hardly more memory than short ones, and less time (docs/bgp-routes.md). */
const usualPageSize = 2500;

/** A watch that ends cleanly after less than this is taken for a failure, so that it is not repeated without a pause. */
const shortWatchMs = 1000;

/** After an outage, everybody is back within this time; a reconnecting cluster costs the server a few requests a second. */
const longestPauseMs = 5000;

/**
 * Lists in pages, watches from the list's version, and never gives up. An object is reported as deleted only when the
 * server said so: by a DELETED event or by leaving it out of a complete list; while the server fails, the copy stays.
 */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  return new ListWatchInformer(options);
}

class ListWatchInformer<T extends KubeObject> implements Informer<T> {
  readonly type: ResourceType;
  readonly reader: ObjectStore<T>;
  readonly synced: Promise<void>;
  readonly #options: InformerOptions<T>;
  readonly #backoff: Backoff;
  readonly #resolveSynced: () => void;
  /** Where the next watch begins; undefined: list first. */
  #version: string | undefined;
  /** The newest version that was ever seen. */
  #newest: string | undefined;
  /** The server was restored since the last complete list: versions are given a second time. */
  #isDoubtful = false;
  #attempt: AbortController | undefined;
  /** The server may have been replaced by an older self since the last event. */
  #suspicious = false;
  #failing: string | undefined;
  /** The last failure was that the version is gone. */
  #wasGone = false;

  constructor(options: InformerOptions<T>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options = options;
    this.type = options.type;
    this.reader = new ObjectStore(options.indexes);
    this.synced = promise;
    this.#resolveSynced = resolve;
    this.#backoff = new Backoff(250, longestPauseMs, options.random ?? Math.random);
  }

  get failing(): string | undefined {
    return this.#failing;
  }

  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#suspicious) await this.#checkVersion();
        if (this.#isDoubtful) this.#version = undefined;
        this.#version ??= await this.#list(signal);
        if (signal.aborted) return;
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  relist(): void {
    if (!this.reader.synced) return; // it is about to, or never could
    this.reader.synced = false;
    this.#isDoubtful = true;
    this.#attempt?.abort();
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { api, type, clock } = this.#options;
    const startedAt = clock.monotonic();
    const attempt = new AbortController();
    this.#attempt = attempt;
    let failure: unknown;
    await api.watch<T>(type, {
      ...this.#selection(),
      resourceVersion,
      signal: AbortSignal.any([signal, attempt.signal]),
      onOpen: () => this.#recovered(),
      onEvent: (event) => {
        if (attempt.signal.aborted) return;
        try {
          this.#apply(event);
        } catch (error) {
          failure = error;
          attempt.abort();
        }
      },
    });
    if (failure !== undefined) throw failure;
    if (this.#isDoubtful) return;
    if (clock.monotonic() - startedAt >= shortWatchMs) this.#rest();
    else if (!signal.aborted && this.#version === resourceVersion) throw new Error("the server ended the watch at once");
  }

  /** @throws KubeError 410 when the version runs backwards: list anew. */
  #apply(event: WatchEvent<T>): void {
    const version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata?.resourceVersion;
    if (version === undefined || version === "") throw new MalformedAnswerError("a watch event without resourceVersion");
    if (this.#version !== undefined && isOlder(version, this.#version)) throw backwards(version, this.#version);
    this.#version = version;
    this.#newest = version;
    this.#rest();
    if (event.type === "BOOKMARK") return;
    const key = keyText(keyOf(event.object));
    if (event.type === "DELETED") this.#set(key, undefined);
    else this.#set(key, this.#slim(event.object));
  }

  /** Reads all pages, applying each as it comes; what no page held is deleted at the end. Returns the list's version. */
  async #list(signal: AbortSignal): Promise<string> {
    const { api, type } = this.#options;
    const unseen = new Set(this.reader.keys());
    let page: ListPage<T> | undefined;
    do {
      const next = opt("continue", page?.continue);
      page = await api.listPage<T>(type, {
        ...this.#selection(),
        ...next,
        limit: this.#options.pageSize ?? usualPageSize,
        // What is known already is not kept a second time while the page is read.
        slim: (object) => this.#unchanged(keyText(keyOf(object)), object) ?? this.#slim(object),
      });
      if (signal.aborted) return page.resourceVersion;
      // What was taken for unchanged may have been given the same version a second time.
      if (this.#noticesRewind(page.resourceVersion)) return this.#list(signal);
      for (const object of page.items) this.#replace(object, unseen);
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (page.continue !== undefined);
    for (const key of unseen) this.#set(key, undefined);
    this.#newest = page.resourceVersion;
    this.reader.synced = true;
    this.#resolveSynced();
    if (this.#isDoubtful) this.#options.onRelisted?.();
    this.#isDoubtful = false;
    return page.resourceVersion;
  }

  #noticesRewind(version: string): boolean {
    if (this.#newest === undefined || !isOlder(version, this.#newest)) return false;
    this.#newest = undefined;
    this.reader.synced = false;
    this.#isDoubtful = true;
    this.#options.log.warn("the API server's versions ran backwards, as after a restore", { kind: this.type.kind });
    this.#options.onRewind?.();
    return true;
  }

  #replace(object: T, unseen: Set<string>): void {
    const key = keyText(keyOf(object));
    unseen.delete(key);
    if (this.#unchanged(key, object) !== undefined) return;
    const known = this.reader.at(key);
    if (known !== undefined && known.metadata.uid !== object.metadata.uid) this.#set(key, undefined);
    this.#set(key, object);
  }

  /** What the copy has of the object, if that is as new. */
  #unchanged(key: string, { metadata }: T): T | undefined {
    const known = this.reader.at(key);
    if (known === undefined || this.#isDoubtful) return undefined;
    const isSame = known.metadata.uid === metadata.uid && known.metadata.resourceVersion === metadata.resourceVersion;
    return isSame ? known : undefined;
  }

  #set(key: string, after: T | undefined): void {
    const change = this.reader.set(key, after);
    if (change === undefined) return;
    try {
      this.#options.onChange(change);
    } catch (error) {
      this.#options.log.error("change handler failed", { kind: this.type.kind, key, error });
    }
  }

  #slim(object: T): T {
    const { slim, log } = this.#options;
    if (slim === undefined) return object;
    try {
      return slim(object);
    } catch (error) {
      log.error("object could not be cut down and is kept whole", { kind: this.type.kind, key: keyText(keyOf(object)), error });
      return object;
    }
  }

  /** After a failure, one small list tells whether the server's versions went backwards (a restored etcd). */
  async #checkVersion(): Promise<void> {
    if (this.#version !== undefined) {
      const { api, type } = this.#options;
      const { resourceVersion } = await api.listPage<T>(type, { ...this.#selection(), limit: 1 });
      if (isOlder(resourceVersion, this.#version)) this.#version = undefined;
    }
    this.#suspicious = false;
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const gone = error instanceof KubeError && (error.status === 410 || error.reason === "Expired");
    const forbidden = error instanceof KubeError && error.status === 403;
    const relist = gone || error instanceof MalformedAnswerError || (forbidden && this.#options.listsInstead === true);
    if (relist) this.#version = undefined;
    this.#suspicious = !relist;
    const delay = this.#backoff.next();
    const wait = gone && !this.#wasGone ? 0 : delay; // a compacted history or a restarted server: list at once, but only once
    this.#wasGone = gone;
    const message = error instanceof Error ? error.message : String(error);
    const fields = { kind: this.type.kind, error: message, retryInMs: Math.round(wait) };
    if (this.#failing === undefined && wait > 0) {
      this.#options.log.warn("watching failed; the last known objects stay in use", fields);
    } else {
      this.#options.log.debug("watching failed", fields);
    }
    if (wait === 0) return;
    this.#failing = message;
    await pause(this.#options.clock, wait, signal);
  }

  #rest(): void {
    this.#backoff.reset();
    this.#wasGone = false;
  }

  #recovered(): void {
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#options.log.info("watching again", { kind: this.type.kind });
  }

  #selection(): { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { ...opt("namespace", namespace), ...opt("labelSelector", labelSelector), ...opt("fieldSelector", fieldSelector) };
  }
}

function backwards(version: string, last: string): KubeError {
  return new KubeError(`resource version ${version} is older than ${last}`, 410, "Expired");
}

/** Versions are decimal numbers (comparable by the API's contract since Kubernetes 1.35, and in practice before). */
function isOlder(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}

/** `{ [name]: value }`, or nothing when the value is undefined. */
function opt<K extends string>(name: K, value: string | undefined): { readonly [key in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]: string });
}
