import type { KubeObject, ObjectKey, ResourceType } from "./kube-object.ts";

export type ListOptions<T = KubeObject> = {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  /** Called for each object as it arrives, so that no full page of whole objects is ever held; must not throw. */
  readonly slim?: (object: T) => T;
};

export type ListPage<T> = { readonly items: readonly T[]; readonly resourceVersion: string; readonly continue?: string };

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export type WatchOptions<T> = {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  /** The server has accepted the watch. */
  readonly onOpen?: () => void;
  readonly onEvent: (event: WatchEvent<T>) => void;
};

export type WriteOptions = { readonly subresource?: "status"; readonly fieldManager?: string };

/**
 * The Kubernetes API as the rest of Herald sees it. Every method rejects with {@link KubeError} when the server
 * answers with an error, and with the transport's `Error` when it does not answer.
 */
export interface KubeApi {
  /** Undefined when the object does not exist (404). */
  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined>;
  /** One page; resourceVersion is left unset, so the answer is consistent. */
  listPage<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<ListPage<T>>;
  /** All pages of 500. */
  list<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<readonly T[]>;
  /** Resolves when the server closes the watch or `signal` aborts; rejects with status 410 when the version is too old. */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions<T>): Promise<void>;
  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** JSON merge patch (RFC 7386); put `metadata.resourceVersion` into `patch` to make it conditional (409 when stale). */
  mergePatch<T extends KubeObject>(type: ResourceType, key: ObjectKey, patch: object, options?: WriteOptions): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force: boolean },
  ): Promise<T>;
  /** A missing object (404) is success. */
  delete(type: ResourceType, key: ObjectKey): Promise<void>;
}

/** The API server's own refusal. */
export class KubeError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** `Status.reason`, such as Conflict, NotFound, Forbidden. */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, status: number, reason: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The server's answer is not what the protocol allows: not JSON, cut off, or beyond the size bound. */
export class MalformedAnswerError extends Error {}
