import { apiGroup } from "../../crds/types/well-known.ts";
import { fittingReasons, fittingWarnings } from "./fitting-text.ts";
import { isJsonObject, type JsonObject, member, nestingLimit, nestsDeeper, parseJson, textMember } from "./json.ts";
import type { AdmissionRequest, Operation, Verdict } from "./request.ts";

export type DecodedReview =
  | { readonly ok: true; readonly request: AdmissionRequest }
  /** `message` says what of the body could not be read; to be answered with HTTP 400. */
  | { readonly ok: false; readonly message: string };

const apiVersion = "admission.k8s.io/v1";
const operations: readonly Operation[] = ["CREATE", "UPDATE", "DELETE"];

/**
 * Reads the AdmissionReview (admission.k8s.io/v1) that the API server posts.
 * @param body the whole body of the HTTP request.
 */
export function decodeReview(body: string): DecodedReview {
  if (nestsDeeper(body)) return failure(`the body nests deeper than ${nestingLimit} levels`);
  const review = parseJson(body);
  if (!isJsonObject(review)) return failure("the body is not a JSON object");
  const kind = `${textMember(review, "apiVersion")} ${textMember(review, "kind")}`;
  if (kind !== `${apiVersion} AdmissionReview`) return failure(`the body is "${kind}", expected "${apiVersion} AdmissionReview"`);
  const request = member(review, "request");
  if (!isJsonObject(request)) return failure("the AdmissionReview holds no request");
  if (textMember(request, "uid") === "") return failure("the AdmissionReview's request has no uid");
  const operation = operations.find((known) => known === request["operation"]);
  if (operation === undefined)
    return failure(`operation ${JSON.stringify(request["operation"]) ?? "none"} is none of ${operations.join(", ")}`);
  const unlike = contradiction(request);
  return unlike === undefined ? { ok: true, request: requestOf(request, operation) } : failure(unlike);
}

/** The AdmissionReview that answers the request with `uid`, ready for JSON. */
export function encodeReview(uid: string, verdict: Verdict): JsonObject {
  const warnings = fittingWarnings(verdict.warnings);
  const response = { uid, allowed: verdict.allowed, status: statusOf(verdict) };
  return { apiVersion, kind: "AdmissionReview", response: warnings.length === 0 ? response : { ...response, warnings } };
}

function statusOf(verdict: Verdict): JsonObject {
  if (verdict.allowed) return { code: 200 };
  const reason = verdict.code === 403 ? "Forbidden" : "BadRequest";
  return { status: "Failure", code: verdict.code, reason, message: fittingReasons(verdict.reasons).join("\n") };
}

/** What is judged must be what is stored: the object has to be the one that the request speaks of. */
function contradiction(request: JsonObject): string | undefined {
  const kind = request["kind"];
  const group = textMember(kind, "group");
  if (group !== "" && group !== apiGroup) return `kind "${textMember(kind, "kind")}" is of group "${group}", not of ${apiGroup}`;
  const object = request["object"] ?? request["oldObject"];
  const metadata = member(object, "metadata");
  const pairs = [
    ["kind", textMember(kind, "kind"), textMember(object, "kind")],
    ["namespace", textMember(request, "namespace"), textMember(metadata, "namespace")],
  ].filter(([, , own]) => own !== "");
  // Without a name it could not be told which findings are about it.
  if (isJsonObject(object)) pairs.push(["name", textMember(request, "name"), textMember(metadata, "name")]);
  const wrong = pairs.find(([, asked, own]) => asked !== "" && asked !== own);
  return wrong && `the request's ${wrong[0]} is ${JSON.stringify(wrong[1])}, its object's ${JSON.stringify(wrong[2])}`;
}

function requestOf(request: JsonObject, operation: Operation): AdmissionRequest {
  const object = request["object"] ?? undefined;
  const oldObject = request["oldObject"] ?? undefined;
  const metadata = member(object ?? oldObject, "metadata");
  const writtenAs = textMember(request["requestKind"], "version");
  return {
    uid: textMember(request, "uid"),
    kind: textMember(request["kind"], "kind"),
    ...(writtenAs !== "" && writtenAs !== textMember(request["kind"], "version") && { writtenAs }),
    operation,
    namespace: textMember(request, "namespace") || textMember(metadata, "namespace"),
    name: textMember(request, "name") || textMember(metadata, "name"),
    object,
    oldObject,
    dryRun: request["dryRun"] === true,
  };
}

/** What was sent may be long, and is repeated in part only. */
function failure(message: string): DecodedReview {
  return { ok: false, message: message.length > 500 ? `${message.slice(0, 500)}…` : message };
}
