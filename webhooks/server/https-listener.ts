import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, Socket } from "node:net";
import type { KeyPair } from "../../operator/framework/http/certificates.ts";
import type { TlsSettings } from "../../operator/framework/http/tls-flags.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { ConnectionCrowd } from "./connection-crowd.ts";

export type ListenerOptions = {
  /** 0: any free one. All interfaces, both families. */
  readonly port: number;
  /** TLS 1.3 at least, when it does not say otherwise. */
  readonly tls?: TlsSettings;
  readonly log: Log;
  /** What a client may take up; for tests. */
  readonly limits?: Partial<ListenerLimits>;
  /** Must not reject. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};

/** What clients may take up. Whoever can reach the port can connect: only the API server has a reason to. */
export type ListenerLimits = {
  /** Milliseconds for the TLS handshake, for the headers of a request, and for the whole of it. */
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** Beyond it, the connection that has been idle longest is cut. */
  readonly connections: number;
};

const defaultLimits: ListenerLimits = { handshakeMs: 5_000, headersMs: 5_000, requestMs: 15_000, connections: 256 };

/** How often Node looks for late requests; its own default is half a minute. */
const checkingMs = 500;

/** Longer than the 90 s after which the API server drops an idle connection itself, so that none is cut while it is reused. */
const keepAliveMs = 120_000;
const closingMs = 2_000;

/** An HTTPS server (HTTP/1.1) whose certificate can be exchanged while it serves. */
export class HttpsListener {
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  #draining = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Undefined before the first {@link serve} and after {@link close}. */
  get port(): number | undefined {
    return this.#server?.listening ? (this.#server.address() as AddressInfo).port : undefined;
  }

  /** Serves with `pair` from now on; connections that stand keep the certificate they were made with. */
  async serve(pair: KeyPair): Promise<void> {
    const context = { minVersion: "TLSv1.3" as const, ...this.#options.tls, cert: pair.cert, key: pair.key };
    if (this.#server !== undefined) return this.#server.setSecureContext(context);
    const limits = { ...defaultLimits, ...this.#options.limits };
    const timing = {
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkingMs,
    };
    const crowd = new ConnectionCrowd(limits.connections);
    const server = createServer({ ...context, ...timing }, (request, response) => {
      crowd.begin(request, response);
      if (this.#draining) response.setHeader("connection", "close");
      void this.#options.handle(request, response);
    });
    server.on("connection", (socket) => {
      if (socket instanceof Socket) crowd.add(socket);
    });
    await listening(server, this.#options.port);
    server.on("error", (error) => this.#options.log.error("webhook listener failed", { error: String(error) }));
    server.on("tlsClientError", (error) => this.#options.log.debug("TLS handshake failed", { error: String(error) }));
    this.#server = server;
  }

  /** From now on every answer asks its client to come back on a new connection, which finds another replica. */
  drain(): void {
    this.#draining = true;
  }

  /** Takes no new connection, lets requests that run end for two seconds, then cuts them. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const cut = setTimeout(() => server.closeAllConnections(), closingMs);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    clearTimeout(cut);
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
