import { deepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseWithoutManagedFields } from "./managed-fields.ts";

/** As the API server writes it: keys of lists hold quoted JSON. */
const entry = fc.record({
  manager: fc.string(),
  operation: fc.constantFrom("Apply", "Update"),
  fieldsV1: fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom("f:spec", '"managedFields":[', 'k:{"name":"a]}],b"}', "k:\\\\", "]}]")),
    fc.dictionary(fc.string(), fc.constant({})),
  ),
});
const object = fc.record({
  metadata: fc.record({ name: fc.string(), labels: fc.dictionary(fc.string(), fc.string()) }),
  spec: fc.dictionary(fc.string(), fc.jsonValue()),
});

test("managedFields are cut out, and nothing else, whatever they hold", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(object, fc.array(entry))), fc.boolean(), (pairs, last) => {
      const objects = pairs.map(([one, managedFields]) => {
        const { name, labels } = one.metadata;
        return { ...one, metadata: last ? { name, labels, managedFields } : { name, managedFields, labels } };
      });
      const plain = JSON.parse(JSON.stringify(pairs.map(([one]) => one)));
      deepEqual(parseWithoutManagedFields(JSON.stringify(objects)), plain);
    }),
  );
});

test("text that only looks like it stays", () => {
  const object = { metadata: { name: 'a,"managedFields":[1]', annotations: { x: ',"managedFields":[{}]' } } };
  deepEqual(parseWithoutManagedFields(JSON.stringify(object)), object);
});

test("managedFields that hold an array are read as they are", () => {
  const object = { metadata: { name: "a", managedFields: [{ x: [1], y: 2 }] } };
  deepEqual(parseWithoutManagedFields(JSON.stringify(object)), object);
});

test("a text that is cut off is looked at once", () => {
  const open = `{"metadata":{"name":"a","managedFields":[${'{"a":"b"},'.repeat(200_000)}`;
  const startedAt = performance.now();
  throws(() => parseWithoutManagedFields(open), SyntaxError);
  ok(performance.now() - startedAt < 5000);
});
