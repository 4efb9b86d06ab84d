import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../api/kube-object.ts";
import { ObjectStore } from "./object-store.ts";

type Slice = KubeObject & { readonly service: string };

/** Slices by their Service. */
function store(): ObjectStore<Slice> {
  return new ObjectStore<Slice>({ service: ({ service }) => [service] });
}

function put(slices: ObjectStore<Slice>, name: string, service: string): void {
  slices.set(`n/${name}`, { metadata: { name, namespace: "n" }, service });
}

function of(slices: ObjectStore<Slice>, service: string): readonly string[] {
  return slices.by("service", service).map(({ metadata }) => metadata.name);
}

test("an index finds one object, then several, and those that remain", () => {
  const slices = store();
  put(slices, "a", "web");
  deepEqual(of(slices, "web"), ["a"]);
  put(slices, "b", "web");
  put(slices, "c", "web");
  deepEqual(of(slices, "web"), ["a", "b", "c"]);
  for (const gone of ["a", "b"]) slices.set(`n/${gone}`, undefined);
  deepEqual(of(slices, "web"), ["c"]);
  slices.set("n/c", undefined);
  deepEqual(of(slices, "web"), []);
});

test("an object that is written again stands in the index once, one with another value under that", () => {
  const slices = store();
  put(slices, "a", "web");
  put(slices, "a", "web");
  deepEqual(of(slices, "web"), ["a"]);
  put(slices, "b", "web");
  put(slices, "a", "db");
  deepEqual([of(slices, "web"), of(slices, "db")], [["b"], ["a"]]);
  put(slices, "b", "db");
  deepEqual([of(slices, "web"), of(slices, "db")], [[], ["a", "b"]]);
});
