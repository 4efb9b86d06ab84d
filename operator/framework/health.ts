import { createServer, type Socket } from "node:net";
import { type ListeningServer, listen } from "./listen.ts";

/** Undefined when all is well, else what is wrong, in a few words. May throw, which counts as wrong. */
export type Check = () => string | undefined | Promise<string | undefined>;

export type HealthOptions = {
  /** Undefined: all addresses, both families. */
  readonly host?: string | undefined;
  /** 0 picks a free one. */
  readonly port: number;
  /** By name; for `/healthz`. */
  readonly live: Readonly<Record<string, Check>>;
  /** By name; for `/readyz`. */
  readonly ready: Readonly<Record<string, Check>>;
};

const checkTimeoutMs = 900;

/** Octets of a request without its body, and how long one connection may take. */
const maxHeadOctets = 8192;
const connectionMs = 5_000;
const endOfHead = "\r\n\r\n";

/**
 * Plain HTTP `/healthz` and `/readyz`: 200 when every check passes, else 503 and a line for each that does not. One answer, and
 * the connection ends. By hand, since node:http costs each thread that loads it 2 MiB, and each probe as much time again.
 */
export async function startHealthServer(options: HealthOptions): Promise<ListeningServer> {
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    readRequest(connection, (path) => void answer(connection, path, options));
  });
  const closeAllConnections = (): void => {
    for (const connection of connections) connection.destroy();
  };
  return listen(Object.assign(server, { closeAllConnections }), options.host, options.port);
}

/** @param onPath called once, with what the first line asks for; a request that is none or takes too long ends the connection. */
function readRequest(connection: Socket, onPath: (path: string) => void): void {
  let head = "";
  const take = (octets: Buffer): void => {
    head += octets.toString("latin1");
    if (head.includes(endOfHead)) {
      connection.off("data", take).resume(); // a body is not looked at
      const [, path] = /^[A-Z]+ ([^ ?]+)\S* HTTP\/1\.[01]\r\n/.exec(head) ?? [];
      if (path === undefined) connection.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      else onPath(path);
    } else if (head.length > maxHeadOctets) connection.destroy();
  };
  connection.on("data", take);
  connection.on("error", () => connection.destroy());
  connection.setTimeout(connectionMs, () => connection.destroy());
}

async function answer(connection: Socket, path: string, { live, ready }: HealthOptions): Promise<void> {
  const checks = path === "/healthz" ? live : path === "/readyz" ? ready : undefined;
  const lines = checks && (await failures(checks));
  const status = lines === undefined ? "404 Not Found" : lines.length === 0 ? "200 OK" : "503 Service Unavailable";
  const body = lines === undefined ? "not found\n" : lines.length === 0 ? "ok\n" : `${lines.join("\n")}\n`;
  const fields = ["content-type: text/plain; charset=utf-8", "cache-control: no-store", "connection: close"];
  const length = `content-length: ${Buffer.byteLength(body)}`;
  connection.end(`HTTP/1.1 ${status}\r\n${[...fields, length].join("\r\n")}${endOfHead}${body}`);
}

async function failures(checks: Readonly<Record<string, Check>>): Promise<readonly string[]> {
  const lines = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const reason = await within(check);
      return reason === undefined ? undefined : `${name}: ${reason}`;
    }),
  );
  return lines.filter((line) => line !== undefined);
}

/** An answer that is there at once needs no timer, which would wake an idle process a second time. */
async function within(check: Check): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = check();
    if (!(answer instanceof Promise)) return answer;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("no answer in time"), checkTimeoutMs);
    });
    return await Promise.race([answer, late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
