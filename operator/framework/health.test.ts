import { deepEqual, ok } from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { type Check, startHealthServer } from "./health.ts";

const well: Check = () => undefined;

async function probe(port: number, path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.text()];
}

test("each probe passes when all its checks do, and names those that do not", async (t) => {
  const server = await startHealthServer({
    host: "127.0.0.1",
    port: 0,
    live: { loop: well },
    ready: {
      webhook: async () => "no caBundle yet",
      informers: well,
      lease: () => {
        throw new Error("unknown");
      },
    },
  });
  t.after(() => server.close());
  deepEqual(await probe(server.port, "/healthz?verbose"), [200, "ok\n"]);
  deepEqual(await probe(server.port, "/readyz"), [503, "webhook: no caBundle yet\nlease: unknown\n"]);
  deepEqual((await probe(server.port, "/metrics"))[0], 404);
});

test("a connection ends with its answer, although the asker would keep it", async (t) => {
  const server = await startHealthServer({ host: "127.0.0.1", port: 0, live: { loop: well }, ready: {} });
  t.after(() => server.close());
  const asked = connect(server.port, "127.0.0.1").setEncoding("utf8");
  asked.write("GET /healthz HTTP/1.1\r\nHost: n1\r\nConnection: keep-alive\r\n\r\n");
  let answer = "";
  for await (const text of asked) answer += text;
  ok(answer.startsWith("HTTP/1.1 200") && answer.includes("ok\n"), answer);
  ok(/^connection: close\r$/im.test(answer), answer);
});

/** What the server says until it ends the connection. */
async function said(port: number, ...parts: readonly string[]): Promise<string> {
  const asked = connect(port, "127.0.0.1").setEncoding("latin1");
  asked.on("error", () => undefined);
  for (const part of parts) {
    asked.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  let answer = "";
  for await (const text of asked) answer += text;
  return answer;
}

test("what is no request is refused, and does no harm", async (t) => {
  const server = await startHealthServer({ host: "127.0.0.1", port: 0, live: { loop: well }, ready: {} });
  t.after(() => server.close());
  for (const bad of ["hello\r\n\r\n", "GET /healthz HTTP/2\r\n\r\n", "\u0016\u0003\u0001\r\n\r\n", "GET /healthz\r\n\r\n"])
    ok((await said(server.port, bad)).startsWith("HTTP/1.1 400"), bad);
  deepEqual(await said(server.port, "GET / HTTP/1.1\r\n", "a".repeat(10_000)).catch(() => ""), "");
  deepEqual(await probe(server.port, "/healthz"), [200, "ok\n"]);
});

test("a request may come in pieces, with a body, and of HTTP/1.0", async (t) => {
  const server = await startHealthServer({ host: "127.0.0.1", port: 0, live: { loop: well }, ready: {} });
  t.after(() => server.close());
  for (const parts of [
    ["GET /hea", "lthz HTTP/1.1\r", "\nHost: a\r\n\r", "\n"],
    ["POST /healthz?a=b HTTP/1.1\r\nContent-Length: 3\r\n\r\n", "abc"],
    ["GET /healthz HTTP/1.0\r\n\r\n"],
  ])
    ok((await said(server.port, ...parts)).startsWith("HTTP/1.1 200"), parts.join("|"));
});

test("a check that hangs is a failure within the probe's second", async (t) => {
  const server = await startHealthServer({ port: 0, live: { stuck: () => new Promise(() => {}) }, ready: {} });
  t.after(() => server.close());
  deepEqual(await probe(server.port, "/healthz"), [503, "stuck: no answer in time\n"]);
  deepEqual(await probe(server.port, "/readyz"), [200, "ok\n"]);
});
