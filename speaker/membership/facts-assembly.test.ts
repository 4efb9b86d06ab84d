import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxFactsOctets } from "../codec/membership-limit.ts";
import { FactsAssembly, partsOf } from "./facts-assembly.ts";
import type { MemberRecord } from "./member-record.ts";

function record(facts: Uint8Array, changes: Partial<MemberRecord> = {}): MemberRecord {
  return {
    ...{ name: "a", address: "", startId: "s", incarnation: 1, generation: 1, standing: "candidate" as const },
    ...{ deaths: 0, speaks: 1, facts },
    ...changes,
  };
}

const octets = (length: number, first = 0): Uint8Array => new Uint8Array(length).map((_, i) => (first + i) % 251);

test("parts put together in any order are the record", () => {
  fc.assert(
    fc.property(fc.nat(maxFactsOctets), fc.infiniteStream(fc.nat(1000)), (length, order) => {
      const whole = record(octets(length));
      const parts = [...partsOf(whole, "alive")].sort(() => (order.next().value ?? 0) - 500);
      const assembly = new FactsAssembly();
      const results = parts.map((part) => assembly.add(part)).filter((result) => result !== undefined);
      deepEqual(
        results.map(({ facts }) => facts),
        [whole.facts],
      );
    }),
    { numRuns: 30 },
  );
});

test("parts of two generations are never mixed", () => {
  const assembly = new FactsAssembly();
  const [old] = partsOf(record(octets(600)), "alive");
  const [first, second] = partsOf(record(octets(600, 7), { generation: 2 }), "alive");
  if (old === undefined || first === undefined || second === undefined) throw new Error("two parts are expected");
  equal(assembly.add(old), undefined);
  equal(assembly.add(second), undefined);
  deepEqual(assembly.add(first)?.facts, octets(600, 7));
});

test("a part that came twice is counted once", () => {
  const assembly = new FactsAssembly();
  const [first] = partsOf(record(octets(600)), "alive");
  if (first === undefined) throw new Error("two parts are expected");
  assembly.add(first);
  equal(assembly.add(first), undefined);
});

test("parts beyond what is allowed are refused, and begun records do not pile up", () => {
  const assembly = new FactsAssembly();
  const [part] = partsOf(record(octets(600)), "alive");
  if (part === undefined) throw new Error("a part is expected");
  equal(assembly.add({ ...part, parts: 1_000_000_000 }), undefined);
  equal(assembly.add({ ...part, part: 5 }), undefined);
  for (let i = 0; i < 200; i += 1) assembly.add({ ...part, name: `n${i}` });
  equal(assembly.size, 64);
});
