import http from "node:http";
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

/** Plain HTTP `/healthz` and `/readyz`: 200 when every check passes, else 503 and a line for each that does not. */
export async function startHealthServer(options: HealthOptions): Promise<ListeningServer> {
  const server = http.createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0];
    const checks = path === "/healthz" ? options.live : path === "/readyz" ? options.ready : undefined;
    if (checks === undefined) {
      response.writeHead(404).end("not found\n");
      return;
    }
    void failures(checks).then((lines) => {
      response.writeHead(lines.length === 0 ? 200 : 503, {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
        // Who asks every second connects anew each time, as kubelet does: nothing waits for a next request.
        connection: "close",
      });
      response.end(lines.length === 0 ? "ok\n" : `${lines.join("\n")}\n`);
    });
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  return listen(server, options.host, options.port);
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
