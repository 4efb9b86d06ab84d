import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { answerConversion, type Convert } from "./conversion-review.ts";

const rename: Convert = (object, apiVersion) =>
  object["bad"] === true ? { ok: false, message: "it is bad" } : { ok: true, object: { ...object, apiVersion } };

function review(apiVersion: string, objects: readonly unknown[]): string {
  return JSON.stringify({
    apiVersion,
    kind: "ConversionReview",
    request: { uid: "u1", desiredAPIVersion: "metallb.io/v1beta2", objects },
  });
}

for (const apiVersion of ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"])
  test(`${apiVersion} is answered in its own version, uid repeated, objects in order, request dropped`, () => {
    const answer = answerConversion(review(apiVersion, [{ n: 1 }, { n: 2 }]), rename);
    deepEqual(answer, {
      ok: true,
      review: {
        apiVersion,
        kind: "ConversionReview",
        response: {
          uid: "u1",
          convertedObjects: [
            { n: 1, apiVersion: "metallb.io/v1beta2" },
            { n: 2, apiVersion: "metallb.io/v1beta2" },
          ],
          result: { status: "Success" },
        },
      },
    });
  });

test("one object that cannot be converted fails the review and is named", () => {
  const peer = { kind: "BGPPeer", metadata: { name: "router-1" }, bad: true };
  const answer = answerConversion(review("apiextensions.k8s.io/v1", [{}, peer]), rename);
  deepEqual(answer.ok && answer.review["response"], {
    uid: "u1",
    convertedObjects: [],
    result: { status: "Failure", message: 'cannot convert BGPPeer "router-1" to metallb.io/v1beta2: it is bad' },
  });
});

test("an object that is none fails the review", () => {
  const answer = answerConversion(review("apiextensions.k8s.io/v1", [7]), rename);
  match(JSON.stringify(answer), /"status":"Failure"/);
});

for (const [name, body] of [
  ["no JSON", "nonsense"],
  ["another kind", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "AdmissionReview" })],
  ["another version", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v2", kind: "ConversionReview" })],
  ["no request", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview" })],
] as const)
  test(`a body with ${name} is refused`, () => equal(answerConversion(body, rename).ok, false));
