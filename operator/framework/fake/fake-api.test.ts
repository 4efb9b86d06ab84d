import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { KubeError, type WatchEvent } from "../api/kube-api.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { FakeApi } from "./fake-api.ts";

type Pool = KubeObject & { readonly spec?: object; readonly status?: object };
const pools: ResourceType = { group: "metallb.io", version: "v1beta1", plural: "ipaddresspools", kind: "IPAddressPool" };
const services: ResourceType = { group: "", version: "v1", plural: "services", kind: "Service" };
const key = { namespace: "n", name: "p" };

function pool(spec: object = {}, more: object = {}): Pool {
  return { metadata: { ...key, ...more }, spec };
}

test("generation counts changes of the spec; a write that changes nothing has no new version", () => {
  const api = new FakeApi();
  const first = api.put(pools, pool({ a: 1 }));
  const second = api.put(pools, pool({ a: 2 }));
  deepEqual([first.metadata.generation, second.metadata.generation], [1, 2]);
  equal(api.put(pools, pool({ a: 2 })).metadata.resourceVersion, second.metadata.resourceVersion);
  equal(api.put(pools, pool({ a: 2 }, { labels: { l: "v" } })).metadata.generation, 2);
});

test("a status write changes status alone, any other write leaves status as it was", async () => {
  const api = new FakeApi();
  api.put(pools, pool({ a: 1 }));
  await api.mergePatch(
    pools,
    key,
    { spec: { a: 9 }, status: { s: 1 }, metadata: { labels: { l: "v" } } },
    { subresource: "status" },
  );
  await api.mergePatch(pools, key, { status: { s: 2 } });
  const stored = api.peek<Pool>(pools, key);
  deepEqual([stored?.spec, stored?.status, stored?.metadata.labels], [{ a: 1 }, { s: 1 }, undefined]);
  api.put(services, pool());
  await api.mergePatch(services, key, { metadata: { annotations: { a: "b" } } }, { subresource: "status" });
  deepEqual(api.peek(services, key)?.metadata.annotations, { a: "b" });
});

test("conflicts, missing and existing objects are refused as the API server does", async () => {
  const api = new FakeApi();
  const reason = (expected: string) => (error: unknown) => error instanceof KubeError && error.reason === expected;
  await rejects(api.mergePatch(pools, key, {}), reason("NotFound"));
  const first = await api.create(pools, pool());
  await rejects(api.create(pools, pool()), reason("AlreadyExists"));
  api.put(pools, pool({ a: 1 }));
  const { resourceVersion } = first.metadata;
  await rejects(api.mergePatch(pools, key, { metadata: { resourceVersion }, spec: { b: 1 } }), reason("Conflict"));
});

test("an object with finalizers is marked, and goes with the last of them", async () => {
  const api = new FakeApi();
  api.put(pools, pool({}, { finalizers: ["f"] }));
  api.remove(pools, key);
  equal(api.peek(pools, key)?.metadata.deletionTimestamp, "2026-01-01T00:00:00Z");
  await api.mergePatch(pools, key, { metadata: { finalizers: null } });
  equal(api.peek(pools, key), undefined);
});

test("a watch replays what came after its version, and answers 410 once that is forgotten", async () => {
  const api = new FakeApi();
  const { resourceVersion = "" } = api.put(pools, pool({ a: 1 })).metadata;
  api.put(pools, pool({ a: 2 }));
  api.remove(pools, key);
  const types: string[] = [];
  const stop = new AbortController();
  const onEvent = ({ type }: WatchEvent<KubeObject>) => void types.push(type);
  const watching = api.watch(pools, { resourceVersion, signal: stop.signal, onEvent });
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await watching;
  deepEqual(types, ["MODIFIED", "DELETED"]);
  api.compact();
  await rejects(api.watch(pools, { resourceVersion, signal: new AbortController().signal, onEvent }), /too old/);
});

test("pages are one consistent picture, and their token is forgotten with it", async () => {
  const api = new FakeApi();
  for (const name of ["a", "b", "c"]) api.put(pools, { metadata: { name } });
  const first = await api.listPage(pools, { limit: 2 });
  api.remove(pools, { name: "c" });
  const token = first.continue ?? "";
  const second = await api.listPage(pools, { limit: 2, continue: token });
  deepEqual(
    [...first.items, ...second.items].map((item) => item.metadata.name),
    ["a", "b", "c"],
  );
  equal(second.resourceVersion, first.resourceVersion);
  api.compact();
  await rejects(
    api.listPage(pools, { limit: 2, continue: token }),
    (error) => error instanceof KubeError && error.status === 410,
  );
});

const selectors: readonly (readonly [string, readonly string[]])[] = [
  ["app=web", ["a"]],
  ["app!=web", ["b", "c"]],
  ["app", ["a", "b"]],
  ["!app", ["c"]],
  ["app in (web, db)", ["a", "b"]],
  ["app notin (web),app", ["b"]],
];
for (const [labelSelector, names] of selectors)
  test(`label selector ${labelSelector}`, async () => {
    const api = new FakeApi();
    api.put(pools, { metadata: { name: "a", labels: { app: "web" } } });
    api.put(pools, { metadata: { name: "b", labels: { app: "db" } } });
    api.put(pools, { metadata: { name: "c" } });
    deepEqual(
      (await api.list(pools, { labelSelector })).map((item) => item.metadata.name),
      names,
    );
    deepEqual(
      (await api.list(pools, { fieldSelector: "metadata.name=b" })).map((item) => item.metadata.name),
      ["b"],
    );
  });

test("failures come as often as asked for, then the API works again", async () => {
  const api = new FakeApi();
  api.fail(({ verb }) => verb === "get", new Error("away"), 2);
  await rejects(api.get(pools, key), /away/);
  await api.list(pools, {});
  await rejects(api.get(pools, key), /away/);
  equal(await api.get(pools, key), undefined);
});
