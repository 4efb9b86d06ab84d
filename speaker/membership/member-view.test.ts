import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { encodeMemberFacts, type MemberFacts } from "../codec/membership-facts.ts";
import type { Standing } from "../codec/membership-record.ts";
import type { Status } from "./member-record.ts";
import { MemberTable } from "./member-table.ts";
import { buildView, membersOf, type ViewSource } from "./member-view.ts";
import { OwnRecord } from "./own-record.ts";
import { SecondChoice } from "./second-choice.ts";

type Node = {
  readonly name: string;
  readonly standing: Standing;
  readonly status?: Status;
  readonly facts?: Uint8Array;
};

function sourceOf(nodes: readonly Node[], changes: Partial<ViewSource> = {}): ViewSource {
  const table = new MemberTable(10);
  for (const { name, standing, status = "alive", facts = new Uint8Array() } of nodes) {
    const record = {
      ...{ name, address: name, startId: "", incarnation: 1, generation: 1, standing },
      ...{ deaths: 0, speaks: 1, facts },
    };
    table.put({ record, status, since: 0, reason: "it was silent" });
  }
  const own = new OwnRecord({ name: "a", address: "a", startId: "" });
  own.joined = true;
  own.update(0);
  own.heldAs({ verdict: "alive", incarnation: 1, deaths: 0 }, true, 0);
  const secondChoice = new SecondChoice();
  secondChoice.update(table, true, 0);
  const common = { heardAnyone: true, pods: undefined, rivalName: false, secondChoice } as const;
  return { self: "a", table, own, company: "together", ...common, ...changes };
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

test("only a node that was silent for too long is dead: one that was stopped or whose wire stands still is not", () => {
  const source = sourceOf([
    { name: "a", standing: "candidate" },
    { name: "b", standing: "candidate", status: "dead" },
    { name: "c", standing: "leaving", status: "left" },
    { name: "d", standing: "held" },
  ]);
  deepEqual([...membersOf(buildView(source, 1)).dead], ["b"]);
});

const facts: MemberFacts = {
  interfaces: [{ name: "eth0", mac: new Uint8Array(6), prefixes: [{ family: "IPv4", bits: 0xc0000200n, length: 24 }] }],
  setAside: ["IPAddressPool/metallb-system/a"],
  complete: true,
};

test("what a node says of itself is known to the election, unless it said nothing or nothing readable", () => {
  const source = sourceOf([
    { name: "a", standing: "candidate", facts: encodeMemberFacts(facts) },
    { name: "b", standing: "candidate" },
    { name: "c", standing: "candidate", facts: new Uint8Array([1]) },
  ]);
  deepEqual(membersOf(buildView(source, 1)).facts, new Map([["a", facts]]));
});

test("where the API alone says who lives, what this node says of itself does not count either", () => {
  const source = sourceOf([{ name: "a", standing: "candidate", facts: encodeMemberFacts(facts) }], {
    heardAnyone: false,
    pods: podsOf({ a: true, b: true }),
  });
  const members = membersOf(buildView(source, 1));
  deepEqual([[...members.alive].sort(), members.facts.size], [["a", "b"], 0]);
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
  equal(membersOf(view).conduct, "joining");
});

test("all is well: nothing to remark", () => {
  deepEqual(buildView(sourceOf([{ name: "a", standing: "candidate" }]), 1).remarks, []);
});

test("a node that is told of its death and not heard says so", () => {
  const source = sourceOf([]);
  source.own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 10);
  deepEqual(buildView(source, 1).remarks, ["the others hold this node dead and do not hear its objection"]);
});

function podsOf(ready: Readonly<Record<string, boolean>>) {
  return new Map(Object.entries(ready).map(([node, isReady]) => [node, { node, address: "", ready: isReady }]));
}

/** Candidates as node a sees them where nobody was ever heard. */
function candidatesByApi(ready: Readonly<Record<string, boolean>>): readonly string[] {
  const source = sourceOf([{ name: "a", standing: "candidate" }], { heardAnyone: false, pods: podsOf(ready) });
  return [...membersOf(buildView(source, 1)).alive].sort();
}

test("where the API alone says who lives, a node counts itself only when the others see it as Ready", () => {
  deepEqual(candidatesByApi({ a: false, b: true }), ["b"]);
  deepEqual(candidatesByApi({ a: true, b: true }), ["a", "b"]);
});

test("where the API says that nobody is Ready, all speakers share the addresses", () => {
  deepEqual(candidatesByApi({ a: false, b: false }), ["a", "b"]);
});
