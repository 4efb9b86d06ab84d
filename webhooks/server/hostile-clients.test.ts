import { deepEqual, equal, match } from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { after, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { selfSignedCertificate } from "../../operator/framework/http/certificates.ts";
import type { Verdict } from "../admission/request.ts";
import { ListeningWebhook, type WebhookChanges } from "./fake/listening-webhook.ts";
import { bodyLimit } from "./http-body.ts";

const path = "/validate-metallb-io-v1beta1-ipaddresspool";
const pair = await selfSignedCertificate(["localhost"]);
const soon = { handshakeMs: 300, headersMs: 300, requestMs: 600 };

const running: ListeningWebhook[] = [];
after(() => Promise.all(running.map(({ listener }) => listener.close())));

async function start(changes: WebhookChanges = {}): Promise<ListeningWebhook> {
  const webhook = await new ListeningWebhook(changes).start(pair);
  running.push(webhook);
  return webhook;
}

const object = { metadata: { name: "a", namespace: "metallb-system" }, spec: { addresses: ["10.0.0.0/24"] } };
const review = JSON.stringify({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: { uid: "u", kind: { kind: "IPAddressPool" }, operation: "CREATE", namespace: "metallb-system", name: "a", object },
});

function head(length: number | "chunked", at = path): string {
  const framing = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`;
  return `POST ${at} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;
}

/** What the server says on this connection until it ends it. */
async function heard(socket: TLSSocket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await closed(socket);
  return text;
}

/** Sends `text` one character after the other until the connection is closed. */
async function drip(socket: TLSSocket, text: string): Promise<void> {
  const timer = setInterval(() => socket.write(text), 50);
  await closed(socket);
  clearInterval(timer);
}

/** By an end or by a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function tcp(webhook: ListeningWebhook): Promise<Socket> {
  const socket = connectTcp({ port: webhook.port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

test("a client that does not begin TLS is cut", async () => {
  const socket = await tcp(await start({ limits: soon }));
  await closed(socket.resume());
});

test("a client that sends no request is cut", async () => {
  const webhook = await start({ limits: soon });
  match(await heard(await webhook.connected()), /^(|HTTP\/1\.1 408 .*)/);
});

test("a client that sends its headers slowly is cut", async () => {
  const webhook = await start({ limits: soon });
  const socket = await webhook.connected();
  socket.write(`POST ${path} HTTP/1.1\r\n`);
  const [answer] = await Promise.all([heard(socket), drip(socket, "x: y\r\n")]);
  match(answer, /^HTTP\/1\.1 408 /);
});

test("a client that sends its body slowly is cut, and nothing is logged but at debug", async () => {
  const webhook = await start({ limits: soon });
  const socket = await webhook.connected();
  socket.write(head(100_000));
  await Promise.all([heard(socket), drip(socket, " ")]);
  deepEqual([webhook.log.at("error"), webhook.log.at("warn")], [[], []]);
  equal((await webhook.send(path, review)).status, 200);
});

test("a client that goes away in the middle of its body is no error of ours", async () => {
  const webhook = await start();
  const socket = await webhook.connected();
  socket.write(`${head(100)}{`);
  socket.end();
  socket.destroy();
  await webhook.send(path, review);
  deepEqual(webhook.log.at("error"), []);
});

test("idle connections in any number do not shut anybody out", async () => {
  const webhook = await start({ limits: { connections: 8 } });
  for (let n = 0; n < 20; n++) await webhook.connected();
  equal((await webhook.send(path, review)).status, 200);
});

test("connections without TLS in any number do not shut anybody out", async () => {
  const webhook = await start({ limits: { connections: 8 } });
  for (let n = 0; n < 20; n++) await tcp(webhook);
  equal((await webhook.send(path, review)).status, 200);
});

test("half a body on any number of connections does not shut anybody out", async () => {
  const webhook = await start({ limits: { connections: 8 } });
  for (let n = 0; n < 20; n++) (await webhook.connected()).write(`${head(100)}{`);
  equal((await webhook.send(path, review)).status, 200);
});

test("a request that came in whole is answered, however many connect meanwhile", async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: verdict, resolve: decide } = Promise.withResolvers<Verdict>();
  const admit = () => {
    isAsked();
    return verdict;
  };
  const webhook = await start({ limits: { connections: 8 }, admit });
  const answer = webhook.send(path, review);
  await asked;
  for (let n = 0; n < 20; n++) await webhook.connected();
  decide({ allowed: true, warnings: [] });
  match((await answer).text, /"allowed":true/);
});

test("when all connections are being answered, the newest is cut", async () => {
  const { promise: verdict, resolve: decide } = Promise.withResolvers<Verdict>();
  let asked = 0;
  const admit = () => {
    asked += 1;
    return verdict;
  };
  const webhook = await start({ limits: { connections: 3 }, admit });
  const answers = [1, 2, 3].map(() => webhook.send(path, review));
  while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const socket = await tcp(webhook);
  await closed(socket.resume());
  decide({ allowed: true, warnings: [] });
  for (const answer of answers) equal((await answer).status, 200);
});

test("long bodies beyond what all may hold together are refused, short ones are not, and room comes back", async () => {
  const long = `${" ".repeat(150_000)}${review}`;
  const { promise: verdict, resolve: decide } = Promise.withResolvers<Verdict>();
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  let first = true;
  const admit = (): Promise<Verdict> => {
    const held = first;
    first = false;
    isAsked();
    return held ? verdict : Promise.resolve({ allowed: true, warnings: [] });
  };
  const webhook = await start({ octets: long.length + 10, admit });
  const held = webhook.send(path, long);
  await asked;
  const refused = await webhook.send(path, long);
  deepEqual([refused.status, /try again/.test(refused.text)], [503, true]);
  equal((await webhook.send(path, review)).status, 200);
  decide({ allowed: true, warnings: [] });
  equal((await held).status, 200);
  equal((await webhook.send(path, long)).status, 200);
});

test("a body that says that it is too long is refused before it is sent", async () => {
  const webhook = await start();
  const socket = await webhook.connected();
  socket.write(head(bodyLimit + 1));
  match(await heard(socket), /^HTTP\/1\.1 413 [\s\S]*longer than/);
});

test("a body that does not say how long it is is refused where it becomes too long", async () => {
  const webhook = await start();
  const socket = await webhook.connected();
  const answer = heard(socket);
  socket.write(head("chunked"));
  const chunk = " ".repeat(65_536);
  for (let sent = 0; sent <= bodyLimit; sent += chunk.length) socket.write(`10000\r\n${chunk}\r\n`);
  match(await answer, /^HTTP\/1\.1 413 /);
});

test("a body that is not UTF-8 is refused, not mended", async () => {
  const { status, text } = await (await start()).send(path, Buffer.from(review.replace('"a"', '"\u00ff"'), "latin1"));
  deepEqual([status, text], [400, "the body is not UTF-8\n"]);
});

for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
  test(`${method} is answered with 405`, async () => equal((await (await start()).send(path, "", { method })).status, 405));

for (const wrong of ["/", "//", "/%", "/%2e%2e", `${path}/`, path.toUpperCase(), "/convert/x", "*", "https://x/convert"])
  test(`the path ${wrong} is answered with 404`, async () => equal((await (await start()).send(wrong, review)).status, 404));

test("octets that are no HTTP end the connection and nothing else", async () => {
  const webhook = await start();
  const socket = await webhook.connected();
  socket.write("\x00\xff nonsense\r\n\r\n");
  match(await heard(socket), /^HTTP\/1\.1 400 /);
  equal((await webhook.send(path, review)).status, 200);
});

test("headers without end are refused", async () => {
  const webhook = await start();
  const socket = await webhook.connected();
  socket.write(`POST ${path} HTTP/1.1\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
  match(await heard(socket), /^(HTTP\/1\.1 431 |$)/); // what is left unread may take the answer with it
  equal((await webhook.send(path, review)).status, 200);
});
