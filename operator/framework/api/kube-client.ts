import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import {
  type KubeApi,
  KubeError,
  type ListOptions,
  type ListPage,
  MalformedAnswerError,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "./kube-api.ts";
import type { ClusterAccess } from "./kube-config.ts";
import { type KubeObject, keyOf, type ObjectKey, type ResourceType } from "./kube-object.ts";
import { collectionPath, objectPath, queryText, withType } from "./kube-path.ts";
import { type ApiRequest, createTransport, type Transport } from "./kube-transport.ts";
import { LineSplitter } from "./line-splitter.ts";
import { ListSplitter } from "./list-splitter.ts";

export { loadKubeConfig } from "./kube-config.ts";

export type KubeClientOptions = {
  readonly access: ClusterAccess;
  readonly userAgent?: string;
  /** Parallel connections for requests; each watch has one of its own besides. */
  readonly maxConnections?: number;
  readonly requestTimeoutMs?: number;
  /** 0 ≤ value < 1; spreads the ends of watches. */
  readonly random?: () => number;
};

/** {@link KubeApi} over HTTPS; `close` drops idle connections. */
export type KubeClient = KubeApi & { close(): void };

const pageSize = 500;
/** In pieces of so many octets compressed answers are read. */
const inflatedOctets = 64 << 10;
const maxOctets = { object: 16 << 20, page: 256 << 20 };

/** The API server itself. Objects are taken as the server sends them: it has validated them. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const transport = createTransport(options.access, options.maxConnections ?? 64, options.userAgent ?? "herald");
  return new HttpsKubeApi(transport, options.requestTimeoutMs ?? 30_000, options.random ?? Math.random);
}

class HttpsKubeApi implements KubeClient {
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  readonly #random: () => number;

  constructor(transport: Transport, timeoutMs: number, random: () => number) {
    this.#transport = transport;
    this.#timeoutMs = timeoutMs;
    this.#random = random;
  }

  async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
    const answer = await this.#send({ method: "GET", path: objectPath(type, key) });
    if (answer.statusCode !== 404) return (await this.#object(answer)) as T;
    await text(answer);
    return undefined;
  }

  async listPage<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<ListPage<T>> {
    const { namespace, labelSelector, fieldSelector, limit, slim } = options;
    const query = queryText({ labelSelector, fieldSelector, limit, continue: options.continue });
    const path = collectionPath(type, namespace) + query;
    const answer = await this.#send({ method: "GET", path, timeoutMs: 2 * this.#timeoutMs, gzip: true });
    if (answer.statusCode !== 200) throw await refusal(answer);
    const items: T[] = [];
    const splitter = new ListSplitter((item) => {
      const object = withType(type, item as T);
      items.push(slim === undefined ? object : slim(object));
    }, maxOctets.page);
    const { metadata } = (await received(
      answer,
      (chunk) => splitter.push(chunk),
      "the page ended early",
      () => splitter.finish(),
    )) as { readonly metadata?: { resourceVersion?: string; continue?: string } };
    const page = { items, resourceVersion: metadata?.resourceVersion ?? "" };
    return metadata?.continue ? { ...page, continue: metadata.continue } : page;
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<readonly T[]> {
    const items: T[] = [];
    let page: ListPage<T> | undefined;
    do {
      const next = page?.continue === undefined ? {} : { continue: page.continue };
      page = await this.listPage(type, { limit: pageSize, ...options, ...next });
      for (const item of page.items) items.push(item);
    } while (page.continue !== undefined);
    return items;
  }

  async watch<T extends KubeObject>(type: ResourceType, options: WatchOptions<T>): Promise<void> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, signal } = options;
    if (signal.aborted) return;
    const timeoutSeconds = Math.round(300 + 300 * this.#random());
    const selection = { labelSelector, fieldSelector, resourceVersion };
    const query = queryText({ watch: true, allowWatchBookmarks: true, timeoutSeconds, ...selection });
    const path = collectionPath(type, namespace) + query;
    try {
      const timeoutMs = timeoutSeconds * 1000 + this.#timeoutMs;
      const answer = await this.#send({ method: "GET", path, timeoutMs, dedicated: true, signal });
      if (answer.statusCode !== 200) throw await refusal(answer);
      options.onOpen?.();
      await readWatch(answer, options.onEvent, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const path = collectionPath(type, object.metadata.namespace) + queryText({ fieldManager: options.fieldManager });
    return (await this.#write("POST", path, "application/json", withType(type, object))) as T;
  }

  async mergePatch<T extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = objectPath(type, key, options.subresource) + queryText({ fieldManager: options.fieldManager });
    return (await this.#write("PATCH", path, "application/merge-patch+json", patch)) as T;
  }

  async apply<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force: boolean },
  ): Promise<T> {
    const { fieldManager, force, subresource } = options;
    const path = objectPath(type, keyOf(object), subresource) + queryText({ fieldManager, force });
    return (await this.#write("PATCH", path, "application/apply-patch+yaml", withType(type, object))) as T;
  }

  async delete(type: ResourceType, key: ObjectKey): Promise<void> {
    const answer = await this.#send({ method: "DELETE", path: objectPath(type, key) });
    if (answer.statusCode === 404) await text(answer);
    else await this.#object(answer);
  }

  close(): void {
    this.#transport.close();
  }

  async #write(method: "POST" | "PATCH", path: string, contentType: string, body: object): Promise<unknown> {
    return this.#object(await this.#send({ method, path, contentType, body: JSON.stringify(body) }));
  }

  #send(request: Omit<ApiRequest, "timeoutMs"> & { readonly timeoutMs?: number }): Promise<IncomingMessage> {
    return this.#transport.send({ timeoutMs: this.#timeoutMs, ...request });
  }

  async #object(answer: IncomingMessage): Promise<unknown> {
    if ((answer.statusCode ?? 0) >= 300) throw await refusal(answer);
    return parse(await text(answer));
  }
}

function readWatch<T>(answer: IncomingMessage, onEvent: (event: WatchEvent<T>) => void, signal: AbortSignal): Promise<void> {
  const splitter = new LineSplitter(maxOctets.object);
  const take = (chunk: Buffer): void => {
    for (const line of splitter.push(chunk)) if (!signal.aborted) onEvent(watchEvent<T>(parse(line)));
  };
  return received(answer, take, "the watch ended early", () => {
    if (splitter.held > 0) throw new MalformedAnswerError("the watch ended in the middle of an event");
  });
}

function watchEvent<T>(value: unknown): WatchEvent<T> {
  const { type, object } = value as { readonly type?: string; readonly object?: Status & KubeObject };
  if (object !== undefined) {
    if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") return { type, object: object as unknown as T };
    if (type === "BOOKMARK") return { type, resourceVersion: object.metadata?.resourceVersion ?? "" };
    if (type === "ERROR") throw kubeError(object, 500, undefined);
  }
  throw new MalformedAnswerError(`a watch event of unknown type: ${JSON.stringify(type)}`);
}

type Status = {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
};

async function refusal(answer: IncomingMessage): Promise<KubeError> {
  const body = await text(answer);
  const status = answer.statusCode ?? 0;
  const retryAfter = Number(answer.headers["retry-after"]);
  const wait = Number.isFinite(retryAfter) ? retryAfter : undefined;
  try {
    return kubeError(JSON.parse(body) as Status, status, wait);
  } catch {
    return kubeError({ message: `HTTP ${status} ${body.slice(0, 200)}` }, status, wait);
  }
}

function kubeError(status: Status, code: number, retryAfterSeconds: number | undefined): KubeError {
  const wait = status.details?.retryAfterSeconds ?? retryAfterSeconds;
  return new KubeError(status.message ?? `HTTP ${code}`, status.code ?? code, status.reason ?? "Unknown", wait);
}

async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > maxOctets.object) throw new MalformedAnswerError(`an answer is longer than ${maxOctets.object} octets`);
  };
  return received(answer, take, "the answer ended early", () => Buffer.concat(chunks).toString("utf8"));
}

/** What was sent, before it was compressed. */
function bodyOf(answer: IncomingMessage, onError: (cause: Error) => void): Readable {
  if (answer.headers["content-encoding"] !== "gzip") return answer;
  const inflated = createGunzip({ chunkSize: inflatedOctets });
  inflated.on("error", (cause) => {
    onError(cause);
    answer.destroy();
  });
  return answer.pipe(inflated);
}

/** By events: an iterator over a few octets costs more than they do. What `take` throws ends the connection and is thrown. */
function received<T>(answer: IncomingMessage, take: (chunk: Buffer) => void, early: string, whole: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      reject(error);
      answer.destroy();
    }
  };
  const body = bodyOf(answer, (cause) => reject(new MalformedAnswerError("the answer is no gzip", { cause })));
  body.on("data", (chunk: Buffer) => attempt(() => take(chunk)));
  body.on("end", () => attempt(() => resolve(whole())));
  answer.on("error", reject);
  answer.on("close", () => {
    if (!answer.complete) reject(new MalformedAnswerError(early));
  });
  return promise;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MalformedAnswerError("the API server's answer is not JSON", { cause });
  }
}
