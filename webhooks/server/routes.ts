import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../operator/framework/log.ts";
import { answerConversion, type Convert } from "../admission/conversion-review.ts";
import type { JsonObject } from "../admission/json.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { decodeReview, encodeReview } from "../admission/review.ts";
import { bodyLimit, readBody } from "./http-body.ts";
import { conversionPath, type Registration, registrations } from "./registrations.ts";

export type RouteOptions = {
  /** Must not reject. */
  readonly admit: (request: AdmissionRequest) => Promise<Verdict>;
  readonly convert: Convert;
  readonly log: Log;
  /** Told of every answered review. */
  readonly onVerdict?: (kind: string, verdict: Verdict) => void;
};

type Reply = { readonly status: number; readonly body: JsonObject | string };

/** Answers the API server's requests. Whatever goes wrong becomes an answer; the promise never rejects. */
export async function answer(request: IncomingMessage, response: ServerResponse, options: RouteOptions): Promise<void> {
  let reply: Reply;
  try {
    reply = await replyTo(request, options);
  } catch (error) {
    options.log.error("webhook request failed", { path: request.url, error: String(error) });
    reply = { status: 500, body: "internal error; see the operator's log" };
  }
  const json = typeof reply.body !== "string";
  const text = typeof reply.body === "string" ? `${reply.body}\n` : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    "content-type": json ? "application/json" : "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(text);
}

async function replyTo(request: IncomingMessage, options: RouteOptions): Promise<Reply> {
  const path = new URL(request.url ?? "/", "https://webhook").pathname;
  const registration = registrations.find((candidate) => candidate.path === path);
  if (registration === undefined && path !== conversionPath) return { status: 404, body: `no webhook at ${path}` };
  if (request.method !== "POST") return { status: 405, body: `${request.method} is not answered; send POST` };
  const contentType = request.headers["content-type"];
  if (contentType !== "application/json")
    return { status: 415, body: `content type "${contentType ?? ""}" is not answered; send application/json` };
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: `the body is longer than ${bodyLimit} octets` };
  return registration === undefined ? conversionReply(body, options) : admissionReply(body, registration, options);
}

function conversionReply(body: string, { convert }: RouteOptions): Reply {
  const converted = answerConversion(body, convert);
  return converted.ok ? { status: 200, body: converted.review } : { status: 400, body: converted.message };
}

async function admissionReply(body: string, registration: Registration, options: RouteOptions): Promise<Reply> {
  const review = decodeReview(body);
  if (!review.ok) return { status: 400, body: review.message };
  const { request } = review;
  if (request.kind !== registration.kind)
    return { status: 400, body: `${registration.path} answers for ${registration.kind}, not for "${request.kind}"` };
  const verdict = await options.admit(request);
  options.onVerdict?.(request.kind, verdict);
  return { status: 200, body: encodeReview(request.uid, verdict) };
}
