import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketCount } from "../codec/membership-limit.ts";
import { hashText } from "./hash.ts";
import type { Entry, MemberRecord, Status } from "./member-record.ts";
import { MemberTable } from "./member-table.ts";

function record(name: string, changes: Partial<MemberRecord> = {}): MemberRecord {
  return {
    ...{ name, address: name, startId: "", incarnation: 1, generation: 1, standing: "candidate" },
    ...{ deaths: 0, speaks: 1, facts: new Uint8Array() },
    ...changes,
  };
}

function entry(name: string, status: Status = "alive", changes: Partial<MemberRecord> = {}, since = 0): Entry {
  return { record: record(name, changes), status, since, reason: "" };
}

function tableOf(...entries: readonly Entry[]): MemberTable {
  const table = new MemberTable(100);
  for (const each of entries) table.put(each);
  return table;
}

const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
const ring = [...names].sort((a, b) => hashText(a) - hashText(b));
const at = (place: number): string => ring[(place + 8) % 8] ?? "";

test("neighbours follow the hashes of names, and the last is followed by the first", () => {
  const table = tableOf(...names.map((name) => entry(name)));
  deepEqual(table.successors(at(6), 3), [at(7), at(0), at(1)]);
  deepEqual(table.predecessors(at(1), 3), [at(0), at(7), at(6)]);
});

test("nodes that do not live stand on no ring", () => {
  const table = tableOf(...names.map((name) => entry(name, name === at(2) ? "dead" : name === at(3) ? "left" : "alive")));
  deepEqual(table.successors(at(1), 2), [at(4), at(5)]);
  deepEqual(table.predecessors(at(4), 2), [at(1), at(0)]);
});

test("a node is never its own neighbour, and nobody is found twice", () => {
  const table = tableOf(entry("n0"), entry("n1"));
  deepEqual(table.successors("n0", 3), ["n1"]);
  deepEqual(table.predecessors("n0", 3), ["n1"]);
  deepEqual(tableOf(entry("n0")).successors("n0", 3), []);
});

test("a node that is not in the table has neighbours where it would stand", () => {
  const table = tableOf(...ring.filter((name) => name !== at(3)).map((name) => entry(name)));
  deepEqual(table.successors(at(3), 2), [at(4), at(5)]);
  deepEqual(table.predecessors(at(3), 2), [at(2), at(1)]);
});

test("who watches and who is watched is the same on both sides", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 30 }), (all) => {
      const table = tableOf(...all.map((name) => entry(name)));
      for (const name of all) for (const watcher of table.successors(name, 3)) ok(table.predecessors(watcher, 3).includes(name));
    }),
  );
});

test("digests are equal for equal nodes, in whatever order and by whatever way they came", () => {
  const a = tableOf(entry("n0"), entry("n1"), entry("n2"));
  const b = tableOf(entry("n2", "dead"), entry("n1", "alive", { generation: 9 }), entry("n0"));
  notEqual(a.digest(), b.digest());
  b.put(entry("n1"));
  b.put(entry("n2"));
  equal(a.digest(), b.digest());
  deepEqual(a.digests(), b.digests());
});

test("the digest tells another incarnation, another generation and a death", () => {
  const whole = tableOf(entry("n0")).digest();
  for (const other of [entry("n0", "alive", { incarnation: 2 }), entry("n0", "alive", { generation: 2 }), entry("n0", "dead")])
    notEqual(tableOf(other).digest(), whole);
});

test("only what differs is given, in the order of the ring, from a name on", () => {
  const table = tableOf(...names.map((name) => entry(name)));
  const all = (from?: string) =>
    [...table.differing(new Array<number>(bucketCount).fill(-1), from)].map(({ record: { name } }) => name);
  deepEqual(all(), ring);
  deepEqual(all(at(5)), [at(5), at(6), at(7)]);
  deepEqual([...table.differing(table.digests(), undefined)], []);
});

test("a full table drops the node that ended first, and refuses a new one while all live", () => {
  const table = new MemberTable(3);
  for (const each of [entry("a"), entry("b", "dead", {}, 10), entry("c", "dead", {}, 5)]) ok(table.put(each));
  ok(table.put(entry("d")));
  equal(table.get("c"), undefined);
  ok(table.put(entry("e")));
  equal(table.put(entry("f")), false);
  equal(table.size, 3);
});

test("a view changes with what it shows, not with a number that it does not", () => {
  const table = tableOf(entry("a"));
  const { viewVersion } = table;
  table.put(entry("a", "alive", { incarnation: 7, generation: 3, deaths: 1 }));
  equal(table.viewVersion, viewVersion);
  table.put(entry("a", "alive", { standing: "damped" }));
  equal(table.viewVersion, viewVersion + 1);
  table.put(entry("a", "alive", { standing: "damped", facts: new Uint8Array(1) }));
  equal(table.viewVersion, viewVersion + 2);
});

test("a living node is found from any place, unless it is excepted", () => {
  const table = tableOf(entry("a"), entry("b", "dead"), entry("c"));
  for (const place of [0, 0.5, 0.99]) {
    equal(
      table.livingAt(place, (name) => name === "a"),
      "c",
    );
    equal(
      table.livingAt(place, () => true),
      undefined,
    );
  }
});

test("after any changes the ring holds exactly the nodes that live", () => {
  const change = fc.tuple(fc.constantFrom(...names), fc.constantFrom("alive" as const, "dead" as const, "gone" as const));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const table = new MemberTable(100);
      const living = new Set<string>();
      for (const [name, what] of changes) {
        if (what === "gone") table.delete(name);
        else table.put(entry(name, what));
        if (what === "alive") living.add(name);
        else living.delete(name);
      }
      equal(table.alive, living.size);
      deepEqual(new Set(table.successors("other", 99)), living);
    }),
  );
});
