import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { nestsDeeper } from "./json.ts";
import { decodeReview, encodeReview } from "./review.ts";

const request = {
  uid: "7f0b2891-916f-4ed6-b7cd-27bff1815a8c",
  kind: { group: "metallb.io", version: "v1beta1", kind: "IPAddressPool" },
  resource: { group: "metallb.io", version: "v1beta1", resource: "ipaddresspools" },
  name: "first",
  namespace: "metallb-system",
  operation: "CREATE",
  object: { metadata: { name: "first" }, spec: { addresses: [] } },
  oldObject: null,
  dryRun: true,
};

function review(changes: object = {}, envelope: object = {}): string {
  return JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { ...request, ...changes },
    ...envelope,
  });
}

test("a review is read field by field", () => {
  deepEqual(decodeReview(review()), {
    ok: true,
    request: {
      uid: request.uid,
      kind: "IPAddressPool",
      operation: "CREATE",
      namespace: "metallb-system",
      name: "first",
      object: request.object,
      oldObject: undefined,
      dryRun: true,
    },
  });
});

test("the version that the writer spoke is told where the object was converted from it", () => {
  const writtenAs = (version: string) => {
    const decoded = decodeReview(review({ requestKind: { group: "metallb.io", version, kind: "IPAddressPool" } }));
    return decoded.ok && decoded.request.writtenAs;
  };
  deepEqual([writtenAs("v1alpha1"), writtenAs("v1beta1"), writtenAs("")], ["v1alpha1", undefined, undefined]);
});

test("a name made up from generateName is taken from the object", () => {
  const decoded = decodeReview(review({ name: undefined, object: { metadata: { name: "pool-x7k2p" } } }));
  equal(decoded.ok && decoded.request.name, "pool-x7k2p");
});

test("a deletion is named by the request, as there is no object", () => {
  const decoded = decodeReview(review({ operation: "DELETE", object: null }));
  deepEqual(decoded.ok && [decoded.request.name, decoded.request.object], ["first", undefined]);
});

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

test("levels are counted outside of strings only, and no deeper than they are", () => {
  equal(nestsDeeper(JSON.stringify(nested(9)), 10), false);
  equal(nestsDeeper(JSON.stringify(nested(10)), 10), true);
  equal(nestsDeeper(JSON.stringify({ a: '[[[[\\"[[[', b: [[], [], {}] }), 3), false);
});

test("what is repeated of a body is short", () => {
  const decoded = decodeReview(review({}, { kind: "k".repeat(100_000) }));
  equal(!decoded.ok && decoded.message.length < 600, true);
});

const unreadable = [
  { name: "no JSON", body: "{", says: /not a JSON object/ },
  { name: "a list", body: "[]", says: /not a JSON object/ },
  { name: "another version", body: review({}, { apiVersion: "admission.k8s.io/v1beta1" }), says: /admission.k8s.io\/v1beta1/ },
  {
    name: "another kind",
    body: review({}, { kind: "ConversionReview" }),
    says: /expected "admission.k8s.io\/v1 AdmissionReview"/,
  },
  { name: "no request", body: review({}, { request: null }), says: /holds no request/ },
  { name: "no uid", body: review({ uid: "" }), says: /no uid/ },
  { name: "an unknown operation", body: review({ operation: "CONNECT" }), says: /operation "CONNECT"/ },
  { name: "no operation", body: review({ operation: undefined }), says: /operation none/ },
  { name: "an object of another name", body: review({ object: { metadata: { name: "second" } } }), says: /name is "first"/ },
  { name: "an object without a name", body: review({ object: { spec: {} } }), says: /name is "first", its object's ""/ },
  {
    name: "an object of another namespace",
    body: review({ object: { metadata: { name: "first", namespace: "default" } } }),
    says: /namespace is "metallb-system", its object's "default"/,
  },
  { name: "an object of another kind", body: review({ object: { kind: "Secret" } }), says: /kind is "IPAddressPool"/ },
  { name: "a kind of another group", body: review({ kind: { group: "apps", kind: "IPAddressPool" } }), says: /group "apps"/ },
  { name: "lists in lists without end", body: review({ object: nested(200) }), says: /nests deeper than 100 levels/ },
];
for (const { name, body, says } of unreadable)
  test(`a body with ${name} is refused with the reason`, () => {
    const decoded = decodeReview(body);
    equal(decoded.ok, false);
    equal(!decoded.ok && says.test(decoded.message), true);
  });

test("an allowed request is answered with its uid, code 200 and the warnings", () => {
  deepEqual(encodeReview("u1", { allowed: true, warnings: ["beware"] }), {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: "u1", allowed: true, status: { code: 200 }, warnings: ["beware"] },
  });
});

test("a denied request is answered with code 403, reason Forbidden and every reason on a line", () => {
  const answer = encodeReview("u2", { allowed: false, code: 403, reasons: ["one", "two"], warnings: [] });
  deepEqual(answer["response"], {
    uid: "u2",
    allowed: false,
    status: { status: "Failure", code: 403, reason: "Forbidden", message: "one\ntwo" },
  });
});

test("an undecodable object is answered with code 400", () => {
  const answer = encodeReview("u3", { allowed: false, code: 400, reasons: ["spec.localPref: -1"], warnings: [] });
  deepEqual(answer["response"], {
    uid: "u3",
    allowed: false,
    status: { status: "Failure", code: 400, reason: "BadRequest", message: "spec.localPref: -1" },
  });
});

test("what is said fits into what the API server takes", () => {
  const long = new Array(200).fill("x".repeat(3_000)).map((text, n) => `${n}${text}`);
  const answer = JSON.stringify(encodeReview("u4", { allowed: false, code: 403, reasons: long, warnings: long }));
  equal(answer.length < 40_000, true);
});
