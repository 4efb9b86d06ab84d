import http from "node:http";
import https from "node:https";
import type { Credentials } from "./credentials.ts";
import type { ClusterAccess } from "./kube-config.ts";

export type ApiRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** The whole answer must be here by then. */
  readonly timeoutMs: number;
  /** Ends the request early. */
  readonly signal?: AbortSignal;
  /** A connection of its own, with keep-alive probes: for a watch, where silence is normal. */
  readonly dedicated?: boolean;
  /** The answer may come compressed with gzip, as its header says then. */
  readonly gzip?: boolean;
};

/** Sends requests to the API server. */
export interface Transport {
  /** Resolves with status and headers; the body is still to be read. @throws Error when the server does not answer. */
  send(request: ApiRequest): Promise<http.IncomingMessage>;
  /** Closes idle connections. */
  close(): void;
}

type Agents = {
  readonly credentials: Credentials;
  readonly shared: http.Agent;
  readonly dedicated: http.Agent;
  readonly origin: Origin;
};

/** Where requests go, taken apart once: a URL for each request costs as much as all of its headers. */
type Origin = {
  readonly request: typeof https.request;
  readonly host: string;
  readonly port: string;
  readonly prefix: string;
};

const keepAliveProbeMs = 15_000;

/**
 * One pool of kept-alive connections, at most `maxConnections` at a time. A 401 makes it read the credentials again and
 * ask once more; a kept connection that the server had closed meanwhile is not an error for a repeatable request.
 */
export function createTransport(access: ClusterAccess, maxConnections: number, userAgent: string): Transport {
  let agents: Agents | undefined;

  const agentsFor = (credentials: Credentials): Agents => {
    if (agents !== undefined && sameIdentity(agents.credentials, credentials)) return agents;
    agents?.shared.destroy();
    agents = createAgents(credentials, maxConnections);
    return agents;
  };

  const once = async (request: ApiRequest): Promise<http.IncomingMessage> => {
    const credentials = await access.credentials();
    const { shared, dedicated, origin } = agentsFor(credentials);
    const agent = request.dedicated === true ? dedicated : shared;
    return exchange(request, { credentials, agent, origin, userAgent });
  };

  return {
    async send(request) {
      const repeatable = request.method !== "POST";
      const answer = await once(request).catch((error: unknown) => {
        if (repeatable && error instanceof StaleConnectionError) return once(request);
        throw error;
      });
      if (answer.statusCode !== 401) return answer;
      answer.resume();
      access.expire();
      return once(request);
    },
    close() {
      agents?.shared.destroy();
      agents?.dedicated.destroy();
    },
  };
}

/** The request never reached a server: a kept connection was gone already. */
class StaleConnectionError extends Error {}

function createAgents(credentials: Credentials, maxSockets: number): Agents {
  const origin = originOf(credentials.server);
  const kept = { keepAlive: true, keepAliveMsecs: keepAliveProbeMs, maxSockets } as const;
  if (origin.request === http.request) return { credentials, origin, shared: new http.Agent(kept), dedicated: new http.Agent() };
  const { ca, cert, key, serverName, insecure } = credentials;
  const tls: https.AgentOptions = {
    rejectUnauthorized: !insecure,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  const shared = new https.Agent({ ...tls, ...kept, timeout: 60_000 });
  return { credentials, origin, shared, dedicated: new https.Agent(tls) };
}

function originOf(server: string): Origin {
  const { protocol, hostname, port, pathname } = new URL(server);
  const request = protocol === "http:" ? http.request : https.request;
  return { request, host: hostname.replace(/^\[(.*)\]$/, "$1"), port, prefix: pathname.replace(/\/$/, "") };
}

function sameIdentity(a: Credentials, b: Credentials): boolean {
  return (
    a.server === b.server &&
    a.ca === b.ca &&
    a.cert === b.cert &&
    a.key === b.key &&
    a.serverName === b.serverName &&
    a.insecure === b.insecure
  );
}

type Way = {
  readonly credentials: Credentials;
  readonly agent: http.Agent;
  readonly origin: Origin;
  readonly userAgent: string;
};

function exchange(request: ApiRequest, { credentials, agent, origin, userAgent }: Way): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { method, path, body, contentType, timeoutMs, signal, gzip } = request;
  const headers: Record<string, string | number> = { accept: "application/json", "user-agent": userAgent };
  if (gzip === true) headers["accept-encoding"] = "gzip";
  if (credentials.authorization !== undefined) headers["authorization"] = credentials.authorization;
  if (body !== undefined) {
    headers["content-type"] = contentType ?? "application/json";
    headers["content-length"] = Buffer.byteLength(body);
  }
  const { host, port, prefix } = origin;
  const options = { method, host, port, path: prefix + path, headers, agent, ...(signal === undefined ? {} : { signal }) };
  const sent = origin.request(options, resolve);
  const deadline = setTimeout(() => {
    // Whoever cut this connection has cut the idle ones too.
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    sent.destroy(new Error(`${method} ${path}: no answer from ${credentials.server} within ${timeoutMs} ms`));
  }, timeoutMs);
  deadline.unref();
  sent.on("socket", (socket) => socket.setKeepAlive(true, keepAliveProbeMs));
  sent.on("close", () => clearTimeout(deadline));
  sent.on("error", (cause: NodeJS.ErrnoException) => {
    const stale = sent.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
    const message = `${method} ${path}: ${cause.message}`;
    reject(stale ? new StaleConnectionError(message, { cause }) : cause);
  });
  sent.end(body);
  return promise;
}
