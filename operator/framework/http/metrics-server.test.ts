import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { KubeError } from "../api/kube-api.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeClock } from "../fake/fake-clock.ts";
import { FakeLog } from "../fake/fake-log.ts";
import { testCertificate } from "../fake/test-certificate.ts";
import { createClientMetrics, createMetrics } from "../metrics.ts";
import { type MetricsServerOptions, startMetricsServer } from "./metrics-server.ts";
import { createRequestAuthorizer } from "./request-authorizer.ts";

type Review = KubeObject & {
  readonly spec: {
    readonly token: string;
    readonly user: string;
    readonly nonResourceAttributes: { readonly path: string; readonly verb: string };
  };
};
const tokenReviews: ResourceType = { group: "authentication.k8s.io", version: "v1", plural: "tokenreviews", kind: "TokenReview" };
const accessReviews: ResourceType = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "subjectaccessreviews",
  kind: "SubjectAccessReview",
};
const [first, second] = [testCertificate("first"), testCertificate("second")];

/** A server whose API knows the tokens `good` and `curious`; only the user `prometheus` may read, and only /metrics. */
async function serving(t: TestContext, more: Partial<MetricsServerOptions> = {}) {
  const api = new FakeApi();
  const clock = new FakeClock();
  const users: Record<string, string> = { good: "prometheus", curious: "somebody" };
  api.answer(tokenReviews, (review) => {
    const username = users[(review as Review).spec.token];
    return {
      ...review,
      status: username === undefined ? {} : { authenticated: true, user: { username, groups: ["g"] } },
    } as KubeObject;
  });
  api.answer(accessReviews, (review) => {
    const { user, nonResourceAttributes } = (review as Review).spec;
    const allowed = user === "prometheus" && nonResourceAttributes.verb === "get" && nonResourceAttributes.path !== "/secret";
    return { ...review, status: { allowed } } as KubeObject;
  });
  const metrics = createMetrics();
  createClientMetrics(metrics).updates.inc();
  const log = new FakeLog();
  const authorizer = createRequestAuthorizer(api, clock);
  const selfSigned = () => Promise.resolve(first);
  const handlers = {
    "/herald/v1/state": (_request: unknown, response: { end(text: string): unknown }) => void response.end("{}"),
  };
  const server = await startMetricsServer({ port: 0, metrics, authorizer, handlers, selfSigned, clock, log, ...more });
  t.after(() => server.close());
  const get = (path: string, token?: string) => request(server.port, path, token);
  return { api, clock, log, get, port: server.port };
}

function request(
  port: number,
  path: string,
  token?: string,
  more: https.RequestOptions = {},
): Promise<{ readonly status: number; readonly text: string; readonly issuer: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = https.get(
      { host: "127.0.0.1", port, path, headers, agent: false, rejectUnauthorized: false, ...more },
      async (answer) => {
        const issuer = String((answer.socket as TLSSocket).getPeerCertificate().subject.CN);
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        resolve({ status: answer.statusCode ?? 0, text, issuer });
      },
    );
    sent.on("error", reject);
  });
}

test("metrics are given to whoever the API server allows", async (t) => {
  const { get } = await serving(t);
  const { status, text } = await get("/metrics?x=1", "good");
  equal(status, 200);
  match(text, /^metallb_k8s_client_updates_total 1$/m);
  match(text, /^metallb_k8s_client_config_loaded_bool 0$/m);
  deepEqual((await get("/herald/v1/state", "good")).text, "{}");
});

test("the port is served on both families", async (t) => {
  const { port } = await serving(t);
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => request(port, "/metrics", "good", { host })));
  deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
});

test("TLS below the least version is refused, 1.3 is it when nothing else is said", async (t) => {
  const older = { maxVersion: "TLSv1.2" } as const;
  const [strict, lax] = [await serving(t), await serving(t, { tls: { minVersion: "TLSv1.2" } })];
  await rejects(request(strict.port, "/metrics", "good", older));
  equal((await request(lax.port, "/metrics", "good", older)).status, 200);
});

test("no token and a wrong token are 401, a user who may not 403, an unknown path 404 only after that", async (t) => {
  const { get } = await serving(t);
  const asked = [
    get("/metrics"),
    get("/metrics", "bad"),
    get("/metrics", "curious"),
    get("/secret", "good"),
    get("/none", "good"),
    get("/none"),
  ];
  deepEqual(
    (await Promise.all(asked)).map((answer) => answer.status),
    [401, 401, 403, 403, 404, 401],
  );
});

for (const plural of ["tokenreviews", "subjectaccessreviews"])
  test(`an API server that refuses ${plural} makes it 500, which is logged and not remembered`, async (t) => {
    const { api, get, log } = await serving(t);
    api.fail(({ type }) => type.plural === plural, new KubeError("forbidden", 403, "Forbidden"));
    equal((await get("/metrics", "good")).status, 500);
    deepEqual(log.at("warn"), ["request could not be authorized"]);
    equal((await get("/metrics", "good")).status, 200);
  });

test("tokens are remembered for a minute, a yes for five, a no for half of one", async (t) => {
  const { api, clock, get } = await serving(t);
  const asked = async () => {
    api.requests.length = 0;
    await get("/metrics", "good");
    await get("/metrics", "curious");
    return api.requests.map(
      (seen) => `${seen.type.plural} ${(seen.body as Review).spec.token ?? (seen.body as Review).spec.user}`,
    );
  };
  equal((await asked()).length, 4);
  deepEqual(await asked(), []);
  clock.tick(30_000);
  deepEqual(await asked(), ["subjectaccessreviews somebody"]);
  clock.tick(30_000);
  deepEqual(await asked(), ["tokenreviews good", "tokenreviews curious", "subjectaccessreviews somebody"]);
  clock.tick(239_000);
  deepEqual(await asked(), ["tokenreviews good", "tokenreviews curious", "subjectaccessreviews somebody"]);
  clock.tick(1_000);
  deepEqual(await asked(), ["subjectaccessreviews prometheus"]);
});

test("a certificate that is replaced in its directory is served without a restart, a broken one is not", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "herald-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const put = (cert: string, key: string) => {
    writeFileSync(join(directory, "tls.crt"), cert);
    writeFileSync(join(directory, "tls.key"), key);
  };
  put(first.cert, first.key);
  const { get, clock } = await serving(t, { certDirectory: directory });
  equal((await get("/metrics")).issuer, "first");
  /** A request starts the look and does not wait for it: the new pair is served some requests later. */
  const afterALook = async () => {
    clock.tick(10_000);
    let { issuer } = await get("/metrics");
    for (let request = 0; request < 100 && issuer !== "second"; request++) issuer = (await get("/metrics")).issuer;
    return issuer;
  };
  put(second.cert, second.key);
  equal(await afterALook(), "second");
  put("rubbish", "rubbish");
  equal(await afterALook(), "second");
});
