import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { KubeError, type WatchEvent } from "../api/kube-api.ts";
import type { KubeObject, ObjectKey, ResourceType } from "../api/kube-object.ts";
import { type ListeningServer, listen } from "../http/listen.ts";
import type { CertificatePair } from "../http/serving-certificate.ts";
import type { FakeApi } from "./fake-api.ts";

/** What a request looked like on the wire. */
export type Seen = {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly remotePort: number | undefined;
};

/** Handles a request instead of the API; false lets it pass. */
export type Intercept = (seen: Seen, response: ServerResponse) => boolean;

/** {@link FakeApi} behind real HTTP(S), with bad weather at the level of connections. */
export class HttpApiServer {
  readonly seen: Seen[] = [];
  /** Answers 401 to every other Authorization header, when set. */
  authorization: string | undefined;
  intercept: Intercept = () => false;
  readonly #api: FakeApi;
  readonly #kinds: readonly ResourceType[];
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Map<ServerResponse, AbortController>();
  #server: ListeningServer | undefined;

  /** @param kinds that are served; every other path is a 404. */
  constructor(api: FakeApi, kinds: readonly ResourceType[]) {
    this.#api = api;
    this.#kinds = kinds;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** @param port 0 picks one; the former one makes a restart. */
  async start(certificate: CertificatePair | undefined, port = 0): Promise<void> {
    const handler = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    const server = certificate === undefined ? http.createServer(handler) : https.createServer({ ...certificate }, handler);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server = await listen(server, "127.0.0.1", port);
  }

  async stop(): Promise<void> {
    this.resetConnections();
    await this.#server?.close();
    this.#server = undefined;
  }

  /** TCP resets on every connection. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Ends all watches as a server does that shuts down in order. */
  endWatches(): void {
    for (const stop of this.#watches.values()) stop.abort();
  }

  /** Sends octets into every open watch. */
  writeToWatches(octets: Uint8Array | string): void {
    for (const response of this.#watches.keys()) response.write(octets);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://server");
    const { method = "GET", headers } = request;
    const seen = { method, url, headers, remotePort: request.socket.remotePort };
    this.seen.push(seen);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.intercept(seen, response)) return;
    try {
      if (this.authorization !== undefined && headers.authorization !== this.authorization) {
        throw new KubeError("Unauthorized", 401, "Unauthorized");
      }
      const target = this.#target(url.pathname);
      if (target === undefined) throw new KubeError(`no such path ${url.pathname}`, 404, "NotFound");
      if (url.searchParams.get("watch") === "true") await this.#watch(target, url, response);
      else
        send(
          response,
          method === "POST" ? 201 : 200,
          await this.#answer(method, target, url, headers, Buffer.concat(chunks).toString()),
          headers["accept-encoding"] === "gzip",
        );
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(response, error);
    }
  }

  async #answer(method: string, target: Target, url: URL, headers: http.IncomingHttpHeaders, body: string): Promise<unknown> {
    const { type, namespace, name, subresource } = target;
    const options = subresource === undefined ? {} : { subresource };
    if (name === undefined) {
      if (method === "POST") return this.#api.create(type, JSON.parse(body) as KubeObject, options);
      const page = await this.#api.listPage(type, listOptions(url, namespace));
      const items = page.items.map(({ apiVersion: _, kind: __, ...item }) => item);
      const metadata = { resourceVersion: page.resourceVersion, continue: page.continue };
      return { kind: `${type.kind}List`, apiVersion: type.version, metadata, items };
    }
    const key: ObjectKey = namespace === undefined ? { name } : { namespace, name };
    if (method === "PATCH" && headers["content-type"] === "application/merge-patch+json") {
      return this.#api.mergePatch(type, key, JSON.parse(body) as object, options);
    }
    if (method === "PATCH" && headers["content-type"] === "application/apply-patch+yaml") {
      const fieldManager = url.searchParams.get("fieldManager") ?? "";
      return this.#api.apply(type, JSON.parse(body) as KubeObject, {
        ...options,
        fieldManager,
        force: url.searchParams.get("force") === "true",
      });
    }
    const found = await this.#api.get(type, key);
    if (found === undefined) throw new KubeError(`${type.plural} "${name}" not found`, 404, "NotFound");
    if (method === "DELETE") await this.#api.delete(type, key);
    else if (method !== "GET") throw new KubeError("unsupported media type", 415, "UnsupportedMediaType");
    return found;
  }

  async #watch({ type, namespace }: Target, url: URL, response: ServerResponse): Promise<void> {
    const stop = new AbortController();
    response.on("close", () => stop.abort());
    const send = (event: WatchEvent<KubeObject>) => {
      const object = event.type === "BOOKMARK" ? { metadata: { resourceVersion: event.resourceVersion } } : event.object;
      response.write(`${JSON.stringify({ type: event.type, object })}\n`);
    };
    const open = () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      this.#watches.set(response, stop);
    };
    const resourceVersion = url.searchParams.get("resourceVersion") ?? "";
    const { limit: _, continue: __, ...selection } = listOptions(url, namespace);
    try {
      await this.#api.watch(type, { ...selection, resourceVersion, signal: stop.signal, onOpen: open, onEvent: send });
    } finally {
      this.#watches.delete(response);
    }
    response.end();
  }

  #target(path: string): Target | undefined {
    for (const type of this.#kinds) {
      const root = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
      const pattern = new RegExp(`^${root}(?:/namespaces/([^/]+))?/${type.plural}(?:/([^/]+))?(?:/(status))?$`);
      const parts = pattern.exec(path);
      if (parts !== null)
        return { type, namespace: parts[1], name: parts[2], subresource: parts[3] === "status" ? "status" : undefined };
    }
    return undefined;
  }
}

type Target = {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: "status" | undefined;
};

function listOptions(url: URL, namespace: string | undefined) {
  const text = (name: string) => url.searchParams.get(name) || undefined;
  const [labelSelector, fieldSelector, limit, next] = ["labelSelector", "fieldSelector", "limit", "continue"].map(text);
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(next === undefined ? {} : { continue: next }),
  };
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status = 500, reason = "InternalError", message = String(error) } = error instanceof KubeError ? error : {};
  const wait =
    error instanceof KubeError && error.retryAfterSeconds !== undefined ? { retryAfterSeconds: error.retryAfterSeconds } : {};
  send(response, status, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code: status, details: wait });
}

/** What is long is compressed where the client takes that, as by an API server. */
function send(response: ServerResponse, status: number, value: unknown, gzip = false): void {
  const octets = Buffer.from(JSON.stringify(value));
  const compressed = gzip && octets.length > 128 << 10;
  const headers = { "content-type": "application/json", ...(compressed && { "content-encoding": "gzip" }) };
  response.writeHead(status, headers).end(compressed ? gzipSync(octets, { level: 1 }) : octets);
}
