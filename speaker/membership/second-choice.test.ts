import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Standing } from "../codec/membership-record.ts";
import type { Status } from "./member-record.ts";
import { MemberTable } from "./member-table.ts";
import { SecondChoice } from "./second-choice.ts";
import { togetherMs } from "./timing.ts";

class Nodes {
  readonly table = new MemberTable(10);
  #generation = 0;

  set(name: string, standing: Standing, status: Status = "alive"): this {
    this.#generation += 1;
    const numbers = { incarnation: 1, generation: this.#generation, deaths: 0, speaks: 1 };
    const record = { name, address: name, startId: "", standing, facts: new Uint8Array(), ...numbers };
    this.table.put({ record, status, since: 0, reason: "" });
    return this;
  }
}

test("nodes that died lately count where no living node wants addresses, and without such nodes nobody does", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "candidate", "dead").set("c", "unwilling");
  equal(new SecondChoice().update(nodes.table, true, 0), true);
  nodes.set("c", "candidate");
  equal(new SecondChoice().update(nodes.table, true, 0), false);
  equal(new SecondChoice().update(new Nodes().set("c", "unwilling").table, true, 0), false);
});

test("they count on for a second when the first of them is a candidate again", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "damped");
  const choice = new SecondChoice();
  deepEqual([choice.update(nodes.table, true, 0), choice.nextAt()], [true, Number.POSITIVE_INFINITY]);
  nodes.set("a", "candidate");
  deepEqual([choice.update(nodes.table, true, 5000), choice.nextAt()], [true, 5000 + togetherMs]);
  nodes.set("b", "damped"); // it said something else of itself: the second is not prolonged
  equal(choice.update(nodes.table, true, 5500), true);
  equal(choice.update(nodes.table, true, 5000 + togetherMs - 1), true);
  deepEqual([choice.update(nodes.table, true, 5000 + togetherMs), choice.nextAt()], [false, Number.POSITIVE_INFINITY]);
});

test("one that was not among them ends it at once, also within that second", () => {
  for (const firstIsBack of [false, true]) {
    const nodes = new Nodes().set("a", "damped").set("b", "damped").set("c", "candidate", "dead");
    const choice = new SecondChoice();
    choice.update(nodes.table, true, 0);
    if (firstIsBack) equal(choice.update(nodes.set("a", "candidate").table, true, 10), true);
    nodes.set("c", "candidate");
    deepEqual([choice.update(nodes.table, true, 20), choice.nextAt()], [false, Number.POSITIVE_INFINITY]);
  }
});

test("they count again when the one that was a candidate again is gone", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "damped");
  const choice = new SecondChoice();
  choice.update(nodes.table, true, 0);
  choice.update(nodes.set("a", "candidate").table, true, 10);
  equal(choice.update(nodes.table, true, 5000), false);
  equal(choice.update(nodes.set("a", "candidate", "dead").table, true, 6000), true);
});

test("in that second only those count who were among them: not one that was away and comes back", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "damped").set("c", "damped", "dead");
  const choice = new SecondChoice();
  choice.update(nodes.table, true, 0);
  choice.update(nodes.set("a", "candidate").table, true, 1000);
  choice.update(nodes.set("c", "damped").table, true, 1100);
  deepEqual(
    ["a", "b", "c"].map((name) => choice.includes(name)),
    [true, true, false],
  );
});

test("a node that was cut off when the first of them became a candidate again does not count that second from its return", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "damped");
  const choice = new SecondChoice();
  equal(choice.update(nodes.table, true, 0), true);
  equal(choice.update(nodes.table, false, 1000), false);
  equal(choice.update(nodes.set("a", "candidate").table, true, 6000), false);
  equal(choice.update(nodes.set("a", "damped").table, true, 7000), true);
});

test("one that died a moment ago takes nothing from one that died before it, and what there is when it is alone", () => {
  const nodes = new Nodes().set("a", "damped").set("b", "returning");
  const choice = new SecondChoice();
  choice.update(nodes.table, true, 0);
  deepEqual([choice.includes("a"), choice.includes("b")], [true, false]);
  choice.update(nodes.set("a", "damped", "dead").table, true, 10);
  deepEqual([choice.includes("a"), choice.includes("b")], [false, true]);
});

test("nodes that died a moment ago share the addresses until the last of them has lived for as long as the first", () => {
  const nodes = new Nodes().set("a", "returning").set("b", "returning");
  const choice = new SecondChoice();
  const included = (lived: number): readonly boolean[] => {
    choice.update(nodes.table, true, lived);
    return [choice.includes("a"), choice.includes("b")];
  };
  deepEqual(included(0), [true, true]);
  nodes.set("a", "damped");
  deepEqual([included(5000), choice.nextAt()], [[true, true], 5000 + togetherMs]);
  nodes.set("b", "damped");
  deepEqual(
    [included(5010), included(5000 + togetherMs)],
    [
      [true, true],
      [true, true],
    ],
  );
  nodes.set("a", "returning"); // it died again, and nobody noticed
  deepEqual(included(20_000), [false, true]);
});

test("of nodes that died a moment ago one that goes on being so has no part in what the others share after a second", () => {
  const nodes = new Nodes().set("a", "returning").set("b", "returning");
  const choice = new SecondChoice();
  choice.update(nodes.table, true, 0);
  choice.update(nodes.set("a", "damped").table, true, 5000);
  choice.update(nodes.table, true, 5000 + togetherMs);
  deepEqual([choice.includes("a"), choice.includes("b"), choice.nextAt()], [true, false, Number.POSITIVE_INFINITY]);
});

test("who hears of two changes in one order chooses as who hears of them in the other", () => {
  const changes = [["a", "candidate"] as const, ["b", "damped"] as const];
  for (const order of [changes, changes.toReversed()]) {
    const nodes = new Nodes().set("a", "damped").set("b", "returning");
    const choice = new SecondChoice();
    choice.update(nodes.table, true, 0);
    for (const [index, [name, standing]] of order.entries()) {
      choice.update(nodes.set(name, standing).table, true, 2000 + index);
      deepEqual([choice.includes("a"), choice.includes("b")], [true, false]);
    }
    equal(choice.update(nodes.table, true, 2001 + togetherMs), false);
  }
});

test("one that comes to be as good a choice joins the others after that second, and at once where they are gone", () => {
  for (const othersStay of [true, false]) {
    const nodes = new Nodes().set("a", "damped").set("b", "returning");
    const choice = new SecondChoice();
    const included = (lived: number): readonly boolean[] => {
      choice.update(nodes.table, true, lived);
      return [choice.includes("a"), choice.includes("b")];
    };
    included(0);
    nodes.set("b", "damped");
    deepEqual([included(2000), choice.nextAt()], [[true, false], 2000 + togetherMs]);
    nodes.set("c", "unwilling"); // what means nothing to them prolongs nothing
    deepEqual([included(2500), choice.nextAt()], [[true, false], 2000 + togetherMs]);
    if (!othersStay) nodes.set("a", "damped", "dead");
    deepEqual(included(2600), [othersStay, !othersStay]);
    deepEqual([included(2000 + togetherMs), choice.nextAt()], [[othersStay, true], Number.POSITIVE_INFINITY]);
  }
});
