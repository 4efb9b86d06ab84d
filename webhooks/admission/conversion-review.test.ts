import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
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
  const answer = answerConversion(review("apiextensions.k8s.io/v1", [{}, 7]), rename);
  match(JSON.stringify(answer), /"status":"Failure","message":"cannot convert object 2 of the request to .* not a JSON object/);
});

test("of many objects that cannot be converted five are named and the others counted", () => {
  const peers = Array.from({ length: 12 }, (_, n) => ({ kind: "BGPPeer", metadata: { name: `router-${n}` }, bad: n > 3 }));
  const text = JSON.stringify(answerConversion(review("apiextensions.k8s.io/v1beta1", peers), rename));
  match(text, /"convertedObjects":\[\].*router-4\\".*router-8\\".*; and 3 more objects"/);
  doesNotMatch(text, /router-3|router-9/);
});

test("five thousand peers are converted in their order", () => {
  const names = Array.from({ length: 5000 }, (_, n) => `router-${n}`);
  const answer = answerConversion(
    review(
      "apiextensions.k8s.io/v1beta1",
      names.map((name) => ({ metadata: { name } })),
    ),
    rename,
  );
  const response = answer.ok ? answer.review["response"] : undefined;
  deepEqual(
    (response as { convertedObjects: { metadata: { name: string } }[] }).convertedObjects.map(({ metadata }) => metadata.name),
    names,
  );
});

for (const [name, body] of [
  ["no JSON", "nonsense"],
  ["another kind", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "AdmissionReview" })],
  ["another version", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v2", kind: "ConversionReview" })],
  ["lists in lists without end", review("apiextensions.k8s.io/v1", JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`))],
  ["no request", JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview" })],
] as const)
  test(`a body with ${name} is refused`, () => equal(answerConversion(body, rename).ok, false));
