import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, type PeerCertificate, type SecureVersion } from "node:tls";
import { resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { selfSignedCertificate } from "../../operator/framework/http/certificates.ts";
import { systemClock } from "../../operator/framework/system-clock.ts";
import { certificatesOf } from "./certificate-keeper.ts";
import { renewed } from "./certificate-renewal.ts";
import type { Definition } from "./converted-definition.ts";
import { bodyLimit } from "./http-body.ts";
import { startWebhookServer, type WebhookServer, type WebhookServerOptions } from "./server.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

const namespace = "metallb-system";
const host = `metallb-webhook-service.${namespace}.svc`;
const secretKey = { namespace, name: "metallb-webhook-cert" };
const poolPath = "/validate-metallb-io-v1beta1-ipaddresspool";

function cluster(): FakeApi {
  const api = new FakeApi(() => Date.now());
  api.put(resourceTypes.validatingwebhookconfigurations, { metadata: { name: "metallb-webhook-configuration" } });
  api.put<Definition>(resourceTypes.customresourcedefinitions, {
    metadata: { name: "bgppeers.metallb.io" },
    spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: {} } } },
  });
  api.put(resourceTypes.secrets, { metadata: secretKey });
  return api;
}

function start(api: FakeApi, changes: Partial<WebhookServerOptions> = {}): Promise<WebhookServer> {
  const certificates = { secret: secretKey.name };
  return startWebhookServer({
    api,
    namespace,
    log: new FakeLog(),
    clock: systemClock,
    port: 0,
    certificates,
    drainMs: 0,
    ...changes,
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500 && !(await holds()); turn++)
    await new Promise((resolve) => systemClock.after(10, () => resolve(undefined)));
  equal(await holds(), true);
}

const api = cluster();
let server: WebhookServer;
let port: number;
let ca: string;
before(async () => {
  server = await start(api);
  port = await server.listening;
  await until(() => server.ready());
  const bundle = api.peek<WebhookConfiguration>(resourceTypes.validatingwebhookconfigurations, {
    name: "metallb-webhook-configuration",
  });
  ca = Buffer.from(bundle?.webhooks?.[0]?.clientConfig.caBundle ?? "", "base64").toString();
});
after(() => server.close());

type Sent = { readonly method?: string; readonly type?: string; readonly body?: string; readonly at?: number };

/** As the API server calls: by the Service's name, trusting the caBundle alone. */
async function send(path: string, { method = "POST", type = "application/json", body = "", at = port }: Sent = {}) {
  const options = {
    port: at,
    host: "127.0.0.1",
    servername: host,
    ca,
    path,
    method,
    headers: { "content-type": type },
    agent: false as const,
  };
  const request = httpsRequest(options);
  request.on("error", () => undefined); // an answer may come before the whole body was sent
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode as number, type: response.headers["content-type"] as string, text };
}

function review(name: string, addresses: readonly string[]): string {
  const object = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace, uid: `uid-${name}` },
    spec: { addresses, avoidBuggyIPs: true },
  };
  const request = {
    uid: `ask-${name}`,
    kind: { kind: "IPAddressPool" },
    operation: "CREATE",
    namespace,
    name,
    object,
    dryRun: true,
  };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}

test("a valid pool is allowed", async () => {
  const { status, type, text } = await send(poolPath, { body: review("a", ["10.0.0.0/24"]) });
  equal(status, 200);
  equal(type, "application/json");
  const { warnings, ...response } = JSON.parse(text).response;
  deepEqual(response, { uid: "ask-a", allowed: true, status: { code: 200 } });
  match(warnings.join(), /no advertisement selects this pool yet/);
});

test("the API server's timeout is a query and does not change the path", async () => {
  equal((await send(`${poolPath}?timeout=10s`, { body: review("a", ["10.0.0.0/24"]) })).status, 200);
});

test("an overlapping pool is denied with the reason", async () => {
  api.put(resourceTypes.ipaddresspools, { metadata: { namespace, name: "stored" }, spec: { addresses: ["10.9.0.0/24"] } } as {
    metadata: object & { name: string };
  });
  const { response } = JSON.parse((await send(poolPath, { body: review("b", ["10.9.0.128/25"]) })).text);
  deepEqual([response.allowed, response.status.code, response.status.reason], [false, 403, "Forbidden"]);
  match(response.status.message, /overlaps with already defined CIDR "10\.9\.0\.0\/24" in pool "stored"/);
});

test("the deletion of a pool is answered at a path of its own", async () => {
  const request = {
    uid: "ask-d",
    kind: { group: "metallb.io", version: "v1beta1", kind: "IPAddressPool" },
    operation: "DELETE",
    namespace,
    name: "gone",
    oldObject: { metadata: { name: "gone", namespace }, spec: { addresses: [] } },
  };
  const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  const { status, text } = await send("/advise-metallb-io-v1beta1-ipaddresspool?timeout=5s", { body });
  deepEqual([status, JSON.parse(text).response.allowed], [200, true]);
});

test("right after the start, while the API server lists nothing, a request is refused in our words before its time is up", async () => {
  const silent = cluster();
  silent.put(resourceTypes.secrets, api.peek<Secret>(resourceTypes.secrets, secretKey) ?? { metadata: secretKey });
  const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
  silent.hook(({ verb }) => (verb === "list" ? silence : undefined));
  const replica = await start(silent);
  const at = await replica.listening;
  const { status, text } = await send(`${poolPath}?timeout=1s`, { body: review("a", ["10.0.0.0/24"]), at });
  const { response } = JSON.parse(text);
  deepEqual([status, response.allowed, response.status.code], [200, false, 403]);
  equal(
    response.status.message,
    'cannot make sure that IPAddressPool "a" overlaps with no other: the API server did not answer within 0.8 s. Nothing was stored; try again.',
  );
  speak();
  await replica.close();
});

test("a BGPPeer is converted to v1beta2", async () => {
  const peer = {
    apiVersion: "metallb.io/v1beta1",
    kind: "BGPPeer",
    metadata: { name: "r" },
    spec: { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" },
  };
  const request = { uid: "c1", desiredAPIVersion: "metallb.io/v1beta2", objects: [peer] };
  const body = JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1beta1", kind: "ConversionReview", request });
  const { response } = JSON.parse((await send("/convert", { body })).text);
  deepEqual(response.result, { status: "Success" });
  deepEqual(response.convertedObjects[0].apiVersion, "metallb.io/v1beta2");
});

const refused: readonly [string, string, Sent, number, RegExp][] = [
  ["an unknown path", "/validate-something-else", { body: "{}" }, 404, /no webhook at/],
  ["another method", poolPath, { method: "GET" }, 405, /send POST/],
  ["another content type", poolPath, { type: "text/plain", body: "{}" }, 415, /send application\/json/],
  [
    "a content type with parameters",
    poolPath,
    { type: "application/json; charset=utf-8", body: "{}" },
    415,
    /send application\/json/,
  ],
  ["garbage", poolPath, { body: "garbage" }, 400, /not a JSON object/],
  ["a review of another kind", "/validate-metallb-io-v1beta1-community", { body: review("a", []) }, 400, /answers for Community/],
  ["garbage for conversion", "/convert", { body: "garbage" }, 400, /not a JSON object/],
  ["a body too large", poolPath, { body: " ".repeat(bodyLimit + 1) }, 413, /longer than/],
];
for (const [what, path, sent, status, says] of refused)
  test(`${what} is answered with ${status} and a sentence`, async () => {
    const answer = await send(path, sent);
    equal(answer.status, status);
    match(answer.text, says);
  });

/** The protocol that is agreed on after a handshake with at most this version. */
async function handshake(at: number, maxVersion: SecureVersion): Promise<string | false | null> {
  const name = { host: "127.0.0.1", servername: host, rejectUnauthorized: false };
  const socket = connect({ ...name, port: at, maxVersion, ALPNProtocols: ["h2", "http/1.1"] });
  try {
    await once(socket, "secureConnect");
    return socket.alpnProtocol;
  } catch {
    return "refused";
  } finally {
    socket.destroy();
  }
}

test("TLS 1.3 is the least, and HTTP/2 is not offered", async () => {
  equal(await handshake(port, "TLSv1.3"), "http/1.1");
  equal(await handshake(port, "TLSv1.2"), "refused");
});

test("what the flags say of TLS holds for the webhooks", async () => {
  const older = await start(api, { tls: { minVersion: "TLSv1.2" } });
  equal(await handshake(await older.listening, "TLSv1.2"), "http/1.1");
  await older.close();
});

async function served(at: number): Promise<PeerCertificate> {
  const socket = connect({ port: at, host: "127.0.0.1", servername: host, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

test("a certificate that another replica renewed is served without a pause", async () => {
  const secret = api.peek<Secret>(resourceTypes.secrets, secretKey);
  const set = secret === undefined ? undefined : certificatesOf(secret);
  ok(set);
  const { serial } = await served(port).then(({ serialNumber }) => ({ serial: serialNumber }));
  const later = await renewed({ ...set, serving: { cert: "", key: "" } }, host, Date.now());
  const data = {
    "tls.crt": Buffer.from(later.serving.cert).toString("base64"),
    "tls.key": Buffer.from(later.serving.key).toString("base64"),
  };
  await api.mergePatch(resourceTypes.secrets, secretKey, { data });
  await until(async () => (await served(port)).serialNumber !== serial);
  equal((await send(poolPath, { body: review("a", ["10.0.0.0/24"]) })).status, 200);
});

for (const secret of ["empty", "missing"])
  test(`replicas that start at once with the Secret ${secret} agree on one authority`, async () => {
    const shared = cluster();
    if (secret === "missing") shared.remove(resourceTypes.secrets, secretKey);
    const replicas = await Promise.all([start(shared), start(shared), start(shared)]);
    await until(() => replicas.every((replica) => replica.ready()));
    const serials = await Promise.all(replicas.map(async (replica) => (await served(await replica.listening)).serialNumber));
    equal(new Set(serials).size, 1);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

test("a BGPPeer that is of the wanted version, of another kind or of no version fails the whole conversion and is named", async () => {
  const ask = async (desiredAPIVersion: string, kind = "BGPPeer") => {
    const sound = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata: { name: "sound" }, spec: {} };
    const odd = { apiVersion: "metallb.io/v1beta2", kind, metadata: { name: "odd" }, spec: {} };
    const request = { uid: "c2", desiredAPIVersion, objects: [sound, odd] };
    const body = JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", request });
    const { status, text } = await send("/convert", { body });
    const { result, convertedObjects } = JSON.parse(text).response;
    deepEqual([status, result.status, convertedObjects], [200, "Failure", []]);
    return result.message as string;
  };
  match(await ask("metallb.io/v1beta2"), /^cannot convert BGPPeer "odd" to metallb\.io\/v1beta2: [^;]*$/);
  match(await ask("metallb.io/v1beta1", "BFDProfile"), /BGPPeer "sound".*; cannot convert BFDProfile "odd"/);
  match(await ask("metallb.io/v1"), /metallb\.io\/v1 is no version of BGPPeer/);
});

test("with rotation disabled the pair of the directory is served", async () => {
  const directory = await mkdtemp(join(tmpdir(), "herald-webhook-"));
  const pair = await selfSignedCertificate([host]);
  await writeFile(join(directory, "tls.crt"), pair.cert);
  await writeFile(join(directory, "tls.key"), pair.key);
  const shared = cluster();
  const replica = await start(shared, { certificates: { directory } });
  equal((await served(await replica.listening)).subject.CN, host);
  await until(() => replica.ready());
  equal(shared.peek<Secret>(resourceTypes.secrets, secretKey)?.data, undefined);
  await replica.close();
  await rm(directory, { recursive: true });
});

test("an API server that is away at the start is waited for", async () => {
  const shared = cluster();
  shared.fail(({ verb }) => verb === "get", new Error("connection refused"), 3);
  const replica = await start(shared);
  equal(replica.ready(), false);
  await replica.listening;
  await until(() => replica.ready());
  await replica.close();
});

test("closing ends readiness, listening and all watches", async () => {
  const shared = cluster();
  const replica = await start(shared);
  const at = await replica.listening;
  await until(() => replica.ready());
  notEqual(shared.openWatches, 0);
  const closing = replica.close();
  equal(replica.ready(), false);
  await closing;
  equal(shared.openWatches, 0);
  const socket = connect({ port: at, host: "127.0.0.1" });
  const [error] = await once(socket, "error");
  equal(error.code, "ECONNREFUSED");
});
