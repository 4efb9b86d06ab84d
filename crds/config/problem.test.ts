import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./finding.ts";
import { compareFindings, duplicateFindings, errorIn } from "./problem.ts";

const ref = { kind: "BGPAdvertisement", name: "x" };

for (const [field, list] of [
  ["spec.ipAddressPools", "ipAddressPools"],
  ["spec.peers", "peers"],
  ["spec.serviceAllocation.namespaces", "namespaces"],
  ["spec.communities", "community"],
] as const)
  test(`a text that stands twice in ${field} is a duplicate definition of ${list}, as MetalLB says it`, () => {
    deepEqual(
      duplicateFindings(ref, field, ["a", "b", "a", "a"]).map(({ field: place, message }) => [place, message]),
      [2, 3].map((index) => {
        const place = `${field}[${index}]`;
        return [place, `BGPAdvertisement "x": ${place}: duplicate definition of ${list} "a": remove one`];
      }),
    );
  });

test("texts that all differ are no duplicates", () => deepEqual(duplicateFindings(ref, "spec.peers", ["a", "A", ""]), []));

const at = (field: string): Finding => errorIn(ref, "DuplicateEntry", field, "x");

test("findings of one object come in the order of its fields, and of the numbers in them", () => {
  const fields = ["spec.addresses", "spec.addresses[2]", "spec.addresses[02].a", "spec.addresses[10]", "spec.autoAssign"];
  for (const [index, field] of fields.entries())
    for (const [other, later] of fields.entries())
      equal(Math.sign(compareFindings(at(field), at(later))), Math.sign(index - other), `${field} ${later}`);
});

test("numbers that are equal and written differently come in an order all the same", () => {
  equal(Math.sign(compareFindings(at("a[01]"), at("a[1]"))), -1);
  equal(Math.sign(compareFindings(at("a[1]"), at("a[01]"))), 1);
});

test("findings that say the same of the same place differ in their severity, others or remedy", () => {
  const one = at("a");
  for (const other of [
    { ...one, severity: "warning" as const },
    { ...one, others: [ref] },
    { ...one, remedy: "x" },
  ]) {
    equal(compareFindings(one, other) === 0, false);
    equal(Math.sign(compareFindings(one, other)), -Math.sign(compareFindings(other, one)));
  }
  equal(compareFindings(one, { ...one }), 0);
});
