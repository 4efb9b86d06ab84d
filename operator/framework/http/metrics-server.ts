import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics.ts";
import { type ListeningServer, listen } from "./listen.ts";
import type { RequestAuthorizer } from "./request-authorizer.ts";
import { type CertificatePair, certificateDirectory, fixedCertificate } from "./serving-certificate.ts";
import type { TlsSettings } from "./tls-flags.ts";

/** Serves one path; the caller is authorized already. A rejection becomes a 500. */
export type FactsHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export type MetricsServerOptions = {
  /** Undefined: all addresses, both families. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly metrics: Pick<Metrics, "text" | "contentType">;
  readonly authorizer: RequestAuthorizer;
  /** By exact path, beside `/metrics`. */
  readonly handlers?: Readonly<Record<string, FactsHandler>>;
  /** Directory with tls.crt and tls.key; undefined: `selfSigned`. */
  readonly certDirectory?: string | undefined;
  readonly selfSigned: () => Promise<CertificatePair>;
  readonly tls?: TlsSettings;
  readonly clock: Clock;
  readonly log: Log;
};

/** HTTPS for `/metrics` and facts. Every request, whatever its path, needs a bearer token that the API server accepts. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<ListeningServer> {
  const { certDirectory, clock, log, metrics } = options;
  const certificate = await (certDirectory
    ? certificateDirectory(certDirectory, clock, log)
    : fixedCertificate(options.selfSigned));
  const tls: TlsSettings = options.tls ?? { minVersion: "TLSv1.3" };
  const handlers = new Map<string, FactsHandler>(Object.entries(options.handlers ?? {}));
  handlers.set("/metrics", async (_request, response) => {
    const text = await metrics.text();
    response.writeHead(200, { "content-type": metrics.contentType }).end(text);
  });
  const server = https.createServer({ ...tls, ...certificate.current }, (request, response) => {
    void serve(request, response, handlers, options);
  });
  server.headersTimeout = 10_000;
  server.on("connection", () => {
    // The next connection gets what this one found.
    void certificate.refresh().then((pair) => {
      if (pair === undefined) return;
      try {
        server.setSecureContext({ ...tls, ...pair });
      } catch (error) {
        log.warn("certificate not usable; the former one stays in use", { error });
      }
    });
  });
  return listen(server, options.host, options.port);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: ReadonlyMap<string, FactsHandler>,
  { authorizer, log }: MetricsServerOptions,
): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  try {
    const { status, reason } = await authorizer.authorize(request.headers.authorization, request.method ?? "GET", path);
    if (status !== 200) {
      if (status === 500) log.warn("request could not be authorized", { path, reason });
      const challenge = status === 401 ? { "www-authenticate": "Bearer" } : {};
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...challenge }).end(`${reason}\n`);
      return;
    }
    const handler = handlers.get(path);
    if (handler === undefined) response.writeHead(404).end("not found\n");
    else await handler(request, response);
  } catch (error) {
    log.error("request failed", { path, error });
    if (!response.headersSent) response.writeHead(500).end("internal error\n");
    else response.destroy();
  }
}
