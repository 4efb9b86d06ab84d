import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compile } from "../../crds/config/compile.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import { convertBGPPeer } from "../../crds/convert/bgp-peer.ts";
import { verdict } from "./admission.ts";
import { answerConversion, type Convert } from "./conversion-review.ts";
import { corpusKinds, corpusNamespace, corpusObject, corpusReview, corpusStored, validSpecs } from "./fake/review-corpus.ts";
import { isJsonObject } from "./json.ts";
import { isAdmittedKind } from "./placement.ts";
import type { AdmissionRequest } from "./request.ts";
import { decodeReview, encodeReview } from "./review.ts";
import { type Scene, sceneOf } from "./scene.ts";

const before = {
  namespace: corpusNamespace,
  backend: "herald",
  without: corpusStored,
  known: new Set(Object.keys(emptyResources) as (keyof Resources)[]),
} as const;

/** Errors that admission leaves to be told by conditions. */
const leftForLater = ["PasswordConflict", "BfdEchoOnIPv6"];

type Fate = "refused" | "unknown kind" | "denied" | "allowed";

/** What becomes of a body; whatever it is, the answer is well-formed, and nothing is allowed that has an error. */
function fateOf(body: string): Fate {
  const decoded = decodeReview(body);
  if (!decoded.ok) {
    ok(decoded.message !== "" && decoded.message.length < 600);
    return "refused";
  }
  const { request } = decoded;
  if (!isAdmittedKind(request.kind)) return "unknown kind";
  const scene = sceneOf(request, request.kind, before);
  const answer = verdict(request, scene);
  const { response } = JSON.parse(JSON.stringify(encodeReview(request.uid, answer)));
  deepEqual([response.uid, response.allowed], [request.uid, answer.allowed]);
  for (const warning of response.warnings ?? []) ok(Buffer.byteLength(warning) < 256);
  if (answer.allowed) assertSeen(request, scene);
  else ok(answer.reasons.length > 0 && answer.reasons.every((reason) => reason !== ""));
  return answer.allowed ? "allowed" : "denied";
}

/** Asks compile, and not the verdict, whether there is an error now; before there was none. */
function assertSeen({ kind, namespace, operation, object }: AdmissionRequest, { withRequest }: Scene): void {
  if (operation === "DELETE" || namespace !== corpusNamespace) return;
  ok(isJsonObject(object));
  const errors = compile(withRequest).findings.filter(
    ({ severity, object: { kind: of } }) => severity === "error" && of === kind,
  );
  deepEqual(
    errors.filter(({ code }) => !leftForLater.includes(code)),
    [],
  );
}

function assertUnpolluted(): void {
  deepEqual([Object.keys(Object.prototype), Object.keys(Array.prototype)], [[], []]);
  equal(({} as { polluted?: unknown }).polluted, undefined);
}

class Tally {
  readonly counts: { [fate in Fate]: number } = { refused: 0, "unknown kind": 0, denied: 0, allowed: 0 };

  take(body: string): void {
    this.counts[fateOf(body)] += 1;
  }

  share(...fates: readonly Fate[]): number {
    const sum = (of: readonly Fate[]) => of.reduce((total, fate) => total + this.counts[fate], 0);
    return sum(fates) / sum(Object.keys(this.counts) as Fate[]);
  }
}

const plausible = fc.constantFrom<unknown>(
  ...["10.0.0.0/24", "10.9.0.0/28", "fc00::/64", "0.0.0.0/0", "10.0.0.9-10.0.0.1", "::ffff:10.0.0.0/120", "stored", "known"],
  ...["1:2", "1:2:3", "large:1:2:3", "90s", "-1s", "9999999h", "constructor", "__proto__", "toString", "\u0000", "\ud800"],
  ...[0, -1, 1.5, 1e308, 2 ** 31, 2 ** 32, 2 ** 63, true, null, [], {}, [[]], [null]],
);
const hostile = fc.oneof(
  { weight: 3, arbitrary: plausible },
  { weight: 1, arbitrary: fc.array(plausible, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.constant(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')) },
);

/** A spec of which a few fields were exchanged, at any depth of one level. */
const change = fc.record({ field: fc.nat(), value: hostile, inList: fc.boolean() });
function changed(spec: object, changes: readonly { field: number; value: unknown; inList: boolean }[]): object {
  const fields = [...Object.keys(spec), "__proto__", "extra"];
  const entries = changes.map(({ field, value, inList }) => [fields[field % fields.length] ?? "", inList ? [value] : value]);
  return Object.fromEntries([...Object.entries(spec), ...entries]);
}

/** One member of the request exchanged. */
const oddity = fc.dictionary(fc.constantFrom("uid", "kind", "operation", "name", "object", "namespace"), hostile, {
  minKeys: 1,
  maxKeys: 1,
});

test("whatever an AdmissionReview holds, it is answered, and nothing is allowed unseen", () => {
  const tally = new Tally();
  const review = fc.record({
    kind: fc.constantFrom(...corpusKinds),
    operation: fc.constantFrom("CREATE", "UPDATE", "DELETE"),
    name: fc.constantFrom("fresh", "stored"),
    changes: fc.array(change, { maxLength: 3 }),
    odd: fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddity }),
  });
  fc.assert(
    fc.property(review, ({ kind, operation, name, changes, odd }) => {
      const object = corpusObject(kind, name, changed(validSpecs[kind], changes));
      tally.take(corpusReview(kind, operation, object, { name, ...odd }));
    }),
    { numRuns: 1_500 },
  );
  assertUnpolluted();
  ok(tally.share("denied", "allowed") > 0.7, JSON.stringify(tally.counts));
  ok(tally.share("denied") > 0.15, JSON.stringify(tally.counts));
  ok(tally.share("allowed") > 0.15, JSON.stringify(tally.counts));
});

/** Park and Miller's generator: the same octets in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const tokens = [
  "null",
  "true",
  "[]",
  "{}",
  "-1",
  "1e99",
  '"10.9.0.7/32"',
  '""',
  '"\\u0000"',
  '{"__proto__":{"polluted":1}}',
  "[[[[[[]]]]]]",
];

/** One mutation: bits, octets, whole ranges, or a token in the place of another. */
function mutated(octets: Uint8Array, other: Uint8Array, next: (below: number) => number): Uint8Array {
  const at = next(octets.length);
  const length = 1 + next(8);
  switch (next(9)) {
    case 0: {
      const copy = Buffer.from(octets);
      copy[at] = (copy[at] ?? 0) ^ (1 << next(8));
      return copy;
    }
    case 1: {
      const copy = Buffer.from(octets);
      copy[at] = 0x20 + next(0x60);
      return copy;
    }
    case 2:
      return Buffer.concat([octets.subarray(0, at), octets.subarray(at + length)]);
    case 3:
      return Buffer.concat([octets.subarray(0, at + length), octets.subarray(at)]);
    case 4:
      return Buffer.concat([octets.subarray(0, at), other.subarray(at)]);
    default: {
      const text = Buffer.from(octets).toString("latin1");
      const values = [...text.matchAll(/(?<=[:[,])("[^"]*"|\d+|true|false|null)(?=[,\]}])/g)];
      const value = values[next(values.length || 1)];
      if (value === undefined) return octets;
      const token = tokens[next(tokens.length)] ?? "";
      return Buffer.from(text.slice(0, value.index) + token + text.slice(value.index + value[0].length), "latin1");
    }
  }
}

function* mutants(bodies: readonly string[], count: number, seed: number): Generator<string, void, undefined> {
  const next = generator(seed);
  const corpus: readonly Uint8Array[] = bodies.map((body) => Buffer.from(body));
  for (let n = 0; n < count; n++) {
    let octets = corpus[n % corpus.length] ?? new Uint8Array();
    const other = corpus[next(corpus.length)] ?? octets;
    for (let left = 1 + next(2); left > 0 && octets.length > 0; left--) octets = mutated(octets, other, next);
    yield Buffer.from(octets).toString("utf8");
  }
}

test("whatever octets of an AdmissionReview are changed, it is answered, and nothing is allowed unseen", () => {
  const bodies = corpusKinds.flatMap((kind) =>
    ["CREATE", "UPDATE", "DELETE"].map((operation) =>
      corpusReview(kind, operation, corpusObject(kind, "fresh", validSpecs[kind])),
    ),
  );
  const sound = new Tally();
  for (const body of bodies) sound.take(body);
  deepEqual(sound.counts, { refused: 0, "unknown kind": 0, denied: 0, allowed: bodies.length });
  const tally = new Tally();
  for (const body of mutants(bodies, 3_600, 4_711)) tally.take(body);
  assertUnpolluted();
  ok(tally.share("denied", "allowed") > 0.3, JSON.stringify(tally.counts));
  ok(tally.share("refused") > 0.2, JSON.stringify(tally.counts));
  ok(tally.share("denied") > 0.02, JSON.stringify(tally.counts));
});

const convert: Convert = (object, desired) => {
  const converted = convertBGPPeer(object, desired === "metallb.io/v1beta1" ? "v1beta1" : "v1beta2");
  if (!converted.ok) return { ok: false, message: converted.reason };
  return isJsonObject(converted.object) ? { ok: true, object: converted.object } : { ok: false, message: "no object" };
};

test("whatever octets of a ConversionReview are changed, all its objects are converted or none", () => {
  const { bfdProfile: _, passwordSecret: __, ...spec } = validSpecs.BGPPeer as Record<string, unknown>;
  const objects = ["a", "b"].map((name) => ({ ...corpusObject("BGPPeer", name, spec), apiVersion: "metallb.io/v1beta1" }));
  const bodies = ["v1", "v1beta1"].map((version) =>
    JSON.stringify({
      apiVersion: `apiextensions.k8s.io/${version}`,
      kind: "ConversionReview",
      request: { uid: "u", desiredAPIVersion: "metallb.io/v1beta2", objects },
    }),
  );
  const counts = { refused: 0, failure: 0, success: 0 };
  for (const body of mutants(bodies, 2_000, 815)) {
    const answer = answerConversion(body, convert);
    if (!answer.ok) {
      counts.refused += 1;
      continue;
    }
    const { response } = JSON.parse(JSON.stringify(answer.review));
    const { status, message } = response.result;
    const { length } = (JSON.parse(body) as { request: { objects: unknown[] } }).request.objects;
    equal(response.convertedObjects.length, status === "Success" ? length : 0);
    ok(status === "Success" || (status === "Failure" && message !== ""));
    counts[status === "Success" ? "success" : "failure"] += 1;
  }
  assertUnpolluted();
  for (const count of Object.values(counts)) ok(count > 100, JSON.stringify(counts));
});
