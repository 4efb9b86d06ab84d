import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../operator/framework/clock.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { answerConversion, type Convert } from "../admission/conversion-review.ts";
import type { JsonObject } from "../admission/json.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { decodeReview, encodeReview } from "../admission/review.ts";
import { answerWithinMs } from "./answer-time.ts";
import type { BodyBudget, BodyHolding } from "./http-body.ts";
import { conversionPath, type Registration, registrations } from "./registrations.ts";

export type RouteOptions = {
  /** Must not reject. @param deadline on the monotonic clock: whoever asks waits no longer. */
  readonly admit: (request: AdmissionRequest, deadline: number) => Promise<Verdict>;
  readonly convert: Convert;
  readonly budget: BodyBudget;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of every answered review. */
  readonly onVerdict?: (kind: string, verdict: Verdict) => void;
};

type Reply = { readonly status: number; readonly body: JsonObject | string };

/** Answers the API server's requests. Whatever goes wrong becomes an answer; the promise never rejects. */
export async function answer(request: IncomingMessage, response: ServerResponse, options: RouteOptions): Promise<void> {
  const holding = options.budget.hold();
  try {
    send(request, response, await replyTo(request, holding, options));
  } catch (error) {
    if (request.errored !== null) {
      options.log.debug("webhook client went away", { path: request.url, error: String(error) });
      return;
    }
    options.log.error("webhook request failed", { path: request.url, error: String(error) });
    send(request, response, { status: 500, body: "internal error; see the operator's log" });
  } finally {
    holding.release();
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Reply): void {
  const json = typeof body !== "string";
  const text = typeof body === "string" ? `${body}\n` : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": json ? "application/json" : "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(text);
}

async function replyTo(request: IncomingMessage, holding: BodyHolding, options: RouteOptions): Promise<Reply> {
  const asked = options.clock.monotonic();
  const [path = "/", query = ""] = (request.url ?? "").split("?", 2);
  const registration = registrations.find((candidate) => candidate.path === path);
  if (registration === undefined && path !== conversionPath) return { status: 404, body: `no webhook at ${path.slice(0, 200)}` };
  if (request.method !== "POST") return { status: 405, body: `${request.method} is not answered; send POST` };
  const contentType = request.headers["content-type"];
  if (contentType !== "application/json")
    return { status: 415, body: `content type "${contentType ?? ""}" is not answered; send application/json` };
  const body = await holding.read(request);
  if (!body.ok) return { status: body.status, body: body.message };
  if (registration === undefined) return conversionReply(body.text, options);
  return admissionReply(body.text, registration, asked + answerWithinMs(query), options);
}

function conversionReply(body: string, { convert }: RouteOptions): Reply {
  const converted = answerConversion(body, convert);
  return converted.ok ? { status: 200, body: converted.review } : { status: 400, body: converted.message };
}

async function admissionReply(body: string, registration: Registration, deadline: number, options: RouteOptions): Promise<Reply> {
  const review = decodeReview(body);
  if (!review.ok) return { status: 400, body: review.message };
  const { request } = review;
  if (request.kind !== registration.kind)
    return { status: 400, body: `${registration.path} answers for ${registration.kind}, not for "${request.kind}"` };
  const verdict = await options.admit(request, deadline);
  options.onVerdict?.(request.kind, verdict);
  return { status: 200, body: encodeReview(request.uid, verdict) };
}
