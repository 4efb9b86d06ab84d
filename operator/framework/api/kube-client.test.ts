import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeClock } from "../fake/fake-clock.ts";
import { HttpApiServer } from "../fake/http-api-server.ts";
import { testCertificate } from "../fake/test-certificate.ts";
import { KubeError, MalformedAnswerError, type WatchEvent } from "./kube-api.ts";
import { createKubeClient, loadKubeConfig } from "./kube-client.ts";
import type { KubeObject, ResourceType } from "./kube-object.ts";

type Service = KubeObject & { readonly spec?: { readonly text: string }; readonly status?: { readonly ip: string } };
const services: ResourceType = { group: "", version: "v1", plural: "services", kind: "Service" };
const leases: ResourceType = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };
const certificate = testCertificate();

function service(name: string, text = 'é{[\\"]}'): Service {
  return { metadata: { name, namespace: "n" }, spec: { text } };
}

/** A client that reaches a fake server as a pod does: service account directory, token file, own CA. */
async function cluster(t: TestContext, requestTimeoutMs = 5000) {
  const api = new FakeApi();
  const server = new HttpApiServer(api, [services, leases]);
  await server.start(certificate);
  const directory = mkdtempSync(join(tmpdir(), "herald-account-"));
  const token = (text: string) => writeFileSync(join(directory, "token"), `${text}\n`);
  token("first");
  writeFileSync(join(directory, "ca.crt"), certificate.cert);
  writeFileSync(join(directory, "namespace"), "metallb-system\n");
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
  const clock = new FakeClock();
  const access = await loadKubeConfig({ env, clock, serviceAccountDirectory: directory });
  const client = createKubeClient({ access, requestTimeoutMs, random: () => 0.5 });
  t.after(async () => {
    client.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });
  return { api, server, client, clock, access, token };
}

test("get answers the object, or undefined when there is none", async (t) => {
  const { api, client, server, access } = await cluster(t);
  api.put(services, service("s"));
  const found = await client.get<Service>(services, { namespace: "n", name: "s" });
  equal(found?.spec?.text, 'é{[\\"]}');
  equal(await client.get(services, { namespace: "n", name: "other" }), undefined);
  equal(access.namespace, "metallb-system");
  deepEqual(server.seen[0]?.headers["user-agent"], "herald");
  equal(server.seen[0]?.headers.authorization, "Bearer first");
});

test("list reads pages of 500 without resourceVersion, gives items their kind, and slims each", async (t) => {
  const { api, client, server } = await cluster(t);
  for (let i = 0; i < 1203; i++) api.put(services, service(`s${i}`, "x".repeat(i)));
  const names: string[] = [];
  const slim = (object: Service): Service => {
    names.push(object.metadata.name);
    return { apiVersion: object.apiVersion ?? "", kind: object.kind ?? "", metadata: { name: object.metadata.name } };
  };
  const items = await client.list<Service>(services, { slim, labelSelector: "!hidden" });
  equal(items.length, 1203);
  deepEqual(items[0], { apiVersion: "v1", kind: "Service", metadata: { name: "s0" } });
  equal(new Set(names).size, 1203);
  deepEqual(
    server.seen.map(({ url }) => [url.searchParams.get("limit"), url.searchParams.get("resourceVersion")]),
    [
      ["500", null],
      ["500", null],
      ["500", null],
    ],
  );
});

test("a long page is asked for compressed; one that is cut off or is none is an error", async (t) => {
  const { api, client, server } = await cluster(t);
  for (let i = 0; i < 300; i++) api.put(services, service(`s${i}`, "x".repeat(i)));
  let sent: Buffer | undefined;
  server.intercept = (_, response) => {
    if (sent !== undefined) response.writeHead(200, { "content-encoding": "gzip" }).end(sent);
    return sent !== undefined;
  };
  equal((await client.list<Service>(services, {})).length, 300);
  equal(server.seen[0]?.headers["accept-encoding"], "gzip");
  const page = gzipSync(JSON.stringify({ metadata: {}, items: [service("a")] }));
  sent = page;
  equal((await client.list<Service>(services, {})).length, 1);
  for (const broken of [page.subarray(0, -20), Buffer.from("no gzip at all"), Buffer.alloc(0)]) {
    sent = broken;
    await rejects(client.list<Service>(services, {}), MalformedAnswerError);
  }
});

test("writes go to the right path with the right media type, and refusals carry status and reason", async (t) => {
  const { api, client, server } = await cluster(t);
  const created = await client.create<Service>(services, service("s"));
  const key = { namespace: "n", name: "s" };
  const { resourceVersion } = created.metadata;
  await client.mergePatch(
    services,
    key,
    { metadata: { resourceVersion }, status: { ip: "192.0.2.1" } },
    { subresource: "status" },
  );
  equal(api.peek<Service>(services, key)?.status?.ip, "192.0.2.1");
  const stale = client.mergePatch(services, key, { metadata: { resourceVersion } }, { subresource: "status" });
  await rejects(stale, (error) => error instanceof KubeError && error.status === 409 && error.reason === "Conflict");
  const twice = client.create(services, service("s"));
  await rejects(twice, (error) => error instanceof KubeError && error.reason === "AlreadyExists");
  await client.apply(services, service("t"), { fieldManager: "herald", force: true });
  const applied = server.seen.at(-1);
  equal(`${applied?.url.pathname}${applied?.url.search}`, "/api/v1/namespaces/n/services/t?fieldManager=herald&force=true");
  await client.delete(services, key);
  await client.delete(services, key);
  equal(api.peek(services, key), undefined);
});

test("a 429 carries how long to wait", async (t) => {
  const { api, client } = await cluster(t);
  api.fail(() => true, new KubeError("slow down", 429, "TooManyRequests", 7));
  const refused = client.get(services, { name: "s" });
  await rejects(refused, (error) => error instanceof KubeError && error.retryAfterSeconds === 7);
});

test("a rotated token is used at once after a 401, and within a minute anyway", async (t) => {
  const { server, client, clock, token } = await cluster(t);
  server.authorization = "Bearer second";
  await rejects(client.get(services, { name: "s" }), (error) => error instanceof KubeError && error.status === 401);
  token("second");
  await client.get(services, { name: "s" });
  token("third");
  clock.tick(60_000);
  server.authorization = undefined;
  await client.get(services, { name: "s" });
  equal(server.seen.at(-1)?.headers.authorization, "Bearer third");
});

test("sixty-four requests travel in parallel on kept connections", async (t) => {
  const { api, server, client } = await cluster(t);
  let waiting = 0;
  const full = Promise.withResolvers<void>();
  api.hook(() => {
    if (++waiting === 64) full.resolve();
    return full.promise;
  });
  await Promise.all(Array.from({ length: 200 }, () => client.get(services, { name: "s" })));
  equal(new Set(server.seen.map((seen) => seen.remotePort)).size, 64);
});

test("a kept connection that the server closed is no error, except for a creation", async (t) => {
  const { server, client } = await cluster(t);
  await client.get(services, { name: "s" });
  server.intercept = (_seen, response) => {
    server.intercept = () => false;
    response.socket?.destroy();
    return true;
  };
  equal(await client.get(services, { name: "s" }), undefined);
  equal(server.seen.length, 3);
});

test("a server that does not answer is given up after the timeout", async (t) => {
  const { server, client } = await cluster(t, 50);
  server.intercept = () => true;
  await rejects(client.get(services, { name: "s" }), /GET \/api\/v1\/services\/s: no answer .* within 50 ms/);
});

test("a watch delivers events and bookmarks until it is aborted, on a connection of its own", async (t) => {
  const { api, server, client } = await cluster(t);
  const events: WatchEvent<Service>[] = [];
  const stop = new AbortController();
  const arrived = Promise.withResolvers<void>();
  const watching = client.watch<Service>(services, {
    resourceVersion: "1000",
    signal: stop.signal,
    onOpen: () => {
      api.put(services, service("s"));
      api.remove(services, { namespace: "n", name: "s" });
      api.bookmark();
    },
    onEvent: (event) => {
      if (events.push(event) === 3) arrived.resolve();
    },
  });
  await arrived.promise;
  deepEqual(
    events.map((event) => event.type),
    ["ADDED", "DELETED", "BOOKMARK"],
  );
  const { searchParams } = server.seen[0]?.url ?? new URL("http://none");
  equal(searchParams.get("timeoutSeconds"), "450");
  equal(searchParams.get("allowWatchBookmarks"), "true");
  stop.abort();
  await watching;
});

const brokenWatches = [
  {
    name: "an ERROR event",
    octets: '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}\n',
    error: /^old$/,
  },
  { name: "a line that is no JSON", octets: "{oops}\n", error: /not JSON/ },
  { name: "an event of unknown type", octets: '{"type":"X","object":{}}\n', error: /unknown type/ },
];
for (const { name, octets, error } of brokenWatches)
  test(`a watch fails on ${name}`, async (t) => {
    const { server, client } = await cluster(t);
    const onOpen = () => server.writeToWatches(octets);
    const watching = client.watch(services, {
      resourceVersion: "1000",
      signal: new AbortController().signal,
      onOpen,
      onEvent: () => {},
    });
    await rejects(watching, (thrown) => error.test(thrown instanceof Error ? thrown.message : ""));
  });

test("a watch from a forgotten version rejects with 410", async (t) => {
  const { api, client } = await cluster(t);
  api.put(services, service("s"));
  api.compact();
  const watching = client.watch(services, { resourceVersion: "1000", signal: new AbortController().signal, onEvent: () => {} });
  await rejects(watching, (error) => error instanceof KubeError && error.status === 410);
});

test("a watch resolves on a clean end and rejects on a reset", async (t) => {
  const { server, client } = await cluster(t);
  const watch = (onOpen: () => void) =>
    client.watch(services, { resourceVersion: "1000", signal: new AbortController().signal, onOpen, onEvent: () => {} });
  await watch(() => server.endWatches());
  await rejects(watch(() => server.resetConnections()));
});
