import { deepEqual } from "node:assert/strict";
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

test("a check that hangs is a failure within the probe's second", async (t) => {
  const server = await startHealthServer({ port: 0, live: { stuck: () => new Promise(() => {}) }, ready: {} });
  t.after(() => server.close());
  deepEqual(await probe(server.port, "/healthz"), [503, "stuck: no answer in time\n"]);
  deepEqual(await probe(server.port, "/readyz"), [200, "ok\n"]);
});
