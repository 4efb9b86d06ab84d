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

test("a check that hangs is a failure within the probe's second", async (t) => {
  const server = await startHealthServer({ port: 0, live: { stuck: () => new Promise(() => {}) }, ready: {} });
  t.after(() => server.close());
  deepEqual(await probe(server.port, "/healthz"), [503, "stuck: no answer in time\n"]);
  deepEqual(await probe(server.port, "/readyz"), [200, "ok\n"]);
});
