import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KubeError } from "../api/kube-api.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { applyMergePatch, patchIsNoOp } from "../api/merge-patch.ts";
import { type DerivedCondition, mergeConditions } from "../conditions.ts";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeClock } from "../fake/fake-clock.ts";
import { OverdueWriteError } from "./status.ts";
import { createStatusWriter } from "./status-writer.ts";
import { createWriteLimiter } from "./write-limiter.ts";

type Service = KubeObject & {
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
};
const services: ResourceType = { group: "", version: "v1", plural: "services", kind: "Service" };

function setup() {
  const api = new FakeApi();
  const writer = createStatusWriter({ api, limiter: createWriteLimiter({ clock: new FakeClock() }) });
  return { api, writer, object: api.put<Service>(services, { metadata: { name: "s", namespace: "n" } }) };
}

const assigned = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } }, metadata: { annotations: { pool: "p" } } };

test("one conditional patch of the status subresource carries status and annotations", async () => {
  const { api, writer, object } = setup();
  const written = await writer.write(services, object, assigned);
  deepEqual(written.status?.loadBalancer?.ingress, [{ ip: "192.0.2.1" }]);
  deepEqual(api.peek(services, { namespace: "n", name: "s" })?.metadata.annotations, { pool: "p" });
  const [request] = api.requests;
  equal(api.requests.length, 1);
  equal(request?.subresource, "status");
  const { uid, resourceVersion } = object.metadata;
  deepEqual((request?.body as KubeObject | undefined)?.metadata, { annotations: { pool: "p" }, uid, resourceVersion });
});

test("nothing is sent when the object holds the values already", async () => {
  const { api, writer, object } = setup();
  const written = await writer.write(services, object, assigned);
  equal(await writer.write(services, written, assigned), written);
  equal(
    await writer.write(services, object, { status: { loadBalancer: {} }, metadata: { annotations: { pool: null } } }),
    object,
  );
  equal(await writer.write(services, object, { status: { loadBalancer: { ingress: [] } } }), object);
  equal(api.requests.length, 1);
});

test("a write that is not due any more when its turn comes is not sent", async () => {
  const { api, writer, object } = setup();
  await rejects(
    writer.write(services, object, assigned, () => false),
    OverdueWriteError,
  );
  equal(api.requests.length, 0);
});

test("an object that has changed since it was read is a conflict", async () => {
  const { api, writer, object } = setup();
  api.put(services, { metadata: { name: "s", namespace: "n", labels: { a: "b" } } });
  await rejects(writer.write(services, object, assigned), (error) => error instanceof KubeError && error.status === 409);
});

const json = fc.jsonValue({ maxDepth: 3 });

test("a merge patch leaves a second application without effect (RFC 7386)", () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const once = applyMergePatch(target, patch);
      deepEqual(applyMergePatch(once, patch), once);
      equal(patchIsNoOp(once, patch), true);
    }),
    { examples: [["", JSON.parse('{"":{"__proto__":false}}')]] },
  );
});

test("the examples of RFC 7386 appendix A", () => {
  const examples: readonly (readonly [unknown, unknown, unknown])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ a: "foo" }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of examples) deepEqual(applyMergePatch(target, patch), result);
});

const accepted: DerivedCondition = { type: "Accepted", status: "True", reason: "Valid", message: "", observedGeneration: 1 };

test("a condition's transition time moves with its status only, the observed generation always", () => {
  const first = mergeConditions(undefined, [accepted], Date.UTC(2026, 0, 1));
  deepEqual(first, [{ ...accepted, lastTransitionTime: "2026-01-01T00:00:00Z" }]);
  const newer = mergeConditions(first, [{ ...accepted, observedGeneration: 2 }], Date.UTC(2026, 0, 2));
  deepEqual(newer, [{ ...accepted, observedGeneration: 2, lastTransitionTime: "2026-01-01T00:00:00Z" }]);
  const flipped = mergeConditions(newer, [{ ...accepted, status: "False" }], Date.UTC(2026, 0, 3));
  equal(flipped[0]?.lastTransitionTime, "2026-01-03T00:00:00Z");
});

test("conditions that do not differ are given back as they are, and others' conditions stay", () => {
  const other = { type: "InUse", status: "True", reason: "R", message: "", lastTransitionTime: "2025-01-01T00:00:00Z" } as const;
  const first = mergeConditions([other], [accepted], 0);
  deepEqual(
    first.map((condition) => condition.type),
    ["Accepted", "InUse"],
  );
  equal(mergeConditions(first, [accepted], Date.UTC(2026, 0, 1)), first);
});
