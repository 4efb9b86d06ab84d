import { isJsonObject, type JsonObject, member, nestingLimit, nestsDeeper, parseJson, textMember } from "./json.ts";

export type Converted = { readonly ok: true; readonly object: JsonObject } | { readonly ok: false; readonly message: string };

/** Turns one object into its form in `desiredAPIVersion`, such as `metallb.io/v1beta2`. */
export type Convert = (object: JsonObject, desiredAPIVersion: string) => Converted;

export type ConversionAnswer =
  | { readonly ok: true; readonly review: JsonObject }
  /** To be answered with HTTP 400. */
  | { readonly ok: false; readonly message: string };

const group = "apiextensions.k8s.io";
const namedFailures = 5;

/**
 * Answers a ConversionReview. The API server sends apiextensions.k8s.io/v1beta1 or v1, whichever stands first in the CRD's
 * `conversionReviewVersions` and is known to it; the answer repeats the version that came. One object that cannot be
 * converted fails the whole review, as the API server takes all or nothing; the message names those that failed.
 * @param body the whole body of the HTTP request.
 */
export function answerConversion(body: string, convert: Convert): ConversionAnswer {
  if (nestsDeeper(body)) return { ok: false, message: `the body nests deeper than ${nestingLimit} levels` };
  const review = parseJson(body);
  if (!isJsonObject(review)) return { ok: false, message: "the body is not a JSON object" };
  const apiVersion = textMember(review, "apiVersion");
  const kind = textMember(review, "kind");
  if (kind !== "ConversionReview" || (apiVersion !== `${group}/v1` && apiVersion !== `${group}/v1beta1`))
    return { ok: false, message: `the body is "${apiVersion} ${kind}", expected "${group}/v1 ConversionReview" or v1beta1` };
  const request = member(review, "request");
  const objects = member(request, "objects");
  if (!Array.isArray(objects)) return { ok: false, message: "the ConversionReview holds no request with objects" };
  const result = convertAll(objects, textMember(request, "desiredAPIVersion"), convert);
  return { ok: true, review: { apiVersion, kind, response: { uid: textMember(request, "uid"), ...result } } };
}

function convertAll(objects: readonly unknown[], desired: string, convert: Convert): JsonObject {
  const converted: JsonObject[] = [];
  const failures: string[] = [];
  for (const [index, object] of objects.entries()) {
    const outcome: Converted = isJsonObject(object)
      ? convert(object, desired)
      : { ok: false, message: "it is not a JSON object" };
    if (outcome.ok) converted.push(outcome.object);
    else failures.push(`cannot convert ${nameOfObject(object, index)} to ${desired}: ${outcome.message}`);
  }
  if (failures.length === 0) return { convertedObjects: converted, result: { status: "Success" } };
  const unnamed = failures.length > namedFailures ? [`and ${failures.length - namedFailures} more objects`] : [];
  const message = [...failures.slice(0, namedFailures), ...unnamed].join("; ");
  return { convertedObjects: [], result: { status: "Failure", message } };
}

function nameOfObject(object: unknown, index: number): string {
  const name = textMember(member(object, "metadata"), "name");
  return name === "" ? `object ${index + 1} of the request` : `${textMember(object, "kind")} "${name}"`;
}
