import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Standing } from "../codec/membership-record.ts";
import type { Status } from "./member-record.ts";
import { MemberTable } from "./member-table.ts";
import { buildView, membersOf, type ViewSource } from "./member-view.ts";
import { OwnRecord } from "./own-record.ts";

type Node = { readonly name: string; readonly standing: Standing; readonly status?: Status };

function sourceOf(nodes: readonly Node[], changes: Partial<ViewSource> = {}): ViewSource {
  const table = new MemberTable(10);
  for (const { name, standing, status = "alive" } of nodes) {
    const record = {
      ...{ name, address: name, startId: "", incarnation: 1, generation: 1, standing },
      ...{ deaths: 0, speaks: 1, facts: new Uint8Array() },
    };
    table.put({ record, status, since: 0, reason: "it was silent" });
  }
  const own = new OwnRecord({ name: "a", address: "a", startId: "" });
  own.joined = true;
  own.update(0);
  own.heldAs({ verdict: "alive", incarnation: 1, deaths: 0 }, true, 0);
  return { self: "a", table, own, company: "together", heardAnyone: true, pods: undefined, rivalName: false, ...changes };
}

const candidates = (source: ViewSource): readonly string[] => [...membersOf(buildView(source, 1)).alive];

test("candidates are the living nodes that want addresses", () => {
  const source = sourceOf([
    { name: "a", standing: "candidate" },
    { name: "b", standing: "damped" },
    { name: "c", standing: "candidate", status: "dead" },
    { name: "d", standing: "leaving" },
    { name: "e", standing: "candidate" },
  ]);
  deepEqual(candidates(source), ["a", "e"]);
});

test("where nobody else wants addresses, damped nodes are candidates, and no others", () => {
  const source = sourceOf([
    { name: "a", standing: "damped" },
    { name: "b", standing: "unwilling" },
    { name: "c", standing: "damped" },
    { name: "d", standing: "cut-off" },
  ]);
  deepEqual(candidates(source), ["a", "c"]);
});

test("a node whose wire stands still is not alive", () => {
  const view = buildView(sourceOf([{ name: "b", standing: "held" }]), 1);
  equal(view.members.get("b")?.alive, false);
});

test("members are in the order of their names, with reasons", () => {
  const view = buildView(
    sourceOf([
      { name: "c", standing: "candidate", status: "dead" },
      { name: "a", standing: "candidate" },
    ]),
    1,
  );
  deepEqual(
    [...view.members].map(([name, { reason }]) => [name, reason]),
    [
      ["a", "it lives and takes addresses"],
      ["c", "it was silent"],
    ],
  );
});

for (const { company, conduct } of [
  { company: "together", conduct: "member" },
  { company: "alone", conduct: "member" },
  { company: "deaf", conduct: "member" },
  { company: "asking", conduct: "freeze" },
  { company: "cut-off", conduct: "freeze" },
] as const)
  test(`a node that is ${company} goes by ${conduct}`, () => {
    equal(buildView(sourceOf([], { company }), 1).conduct, conduct);
  });

test("whoever has not joined owns nothing, whatever else is so", () => {
  const own = new OwnRecord({ name: "a", address: "a", startId: "" });
  const view = buildView(sourceOf([], { own, company: "cut-off" }), 1);
  equal(view.conduct, "joining");
  equal(membersOf(view).joined, false);
});

test("all is well: nothing to remark", () => {
  deepEqual(buildView(sourceOf([{ name: "a", standing: "candidate" }]), 1).remarks, []);
});

test("a node that is told of its death and not heard says so", () => {
  const source = sourceOf([]);
  source.own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 10);
  deepEqual(buildView(source, 1).remarks, ["the others hold this node dead and do not hear its objection"]);
});
