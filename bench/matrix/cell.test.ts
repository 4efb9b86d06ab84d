import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Cell, keyOf, labPlans, type Plan, spanOf } from "./cell.ts";

const plan: Plan = {
  programs: ["herald", "metallb"],
  sizes: [
    { nodes: 2, addresses: 1 },
    { nodes: 3, addresses: 1 },
  ],
  faults: ["cut", "two-at-once"],
  rounds: { herald: 3, metallb: 1 },
  seconds: undefined,
};

const told = (done: (cell: Cell) => number): readonly string[] =>
  labPlans(plan, done).flatMap(({ cells }) => cells.map(({ cell, missing }) => `${keyOf(cell)}: ${missing}`));

test("each size has a lab, where MetalLB comes first, and no fault that the lab is too small for", () => {
  deepEqual(
    told(() => 0),
    [
      "metallb 2 1 cut : 1",
      "herald 2 1 cut : 3",
      "metallb 3 1 cut : 1",
      "metallb 3 1 two-at-once : 1",
      "herald 3 1 cut : 3",
      "herald 3 1 two-at-once : 3",
    ],
  );
});

test("what was played before is not played again, and no lab is made for nothing", () => {
  const done = ({ program, nodes }: Cell): number => (nodes === 3 && program === "herald" ? 2 : 5);
  deepEqual(told(done), ["herald 3 1 cut : 1", "herald 3 1 two-at-once : 1"]);
});

test("a fault that strikes what only Herald has is not played on MetalLB", () => {
  equal(labPlans({ ...plan, programs: ["metallb"], faults: ["hold-300"] }, () => 0).length, 0);
});

test("MetalLB is given the time that it needs, unless the time is said", () => {
  const cell: Cell = { program: "metallb", nodes: 3, addresses: 1, fault: "cut" };
  deepEqual(spanOf(cell), { lastsMs: 10_000, afterMs: 30_000 });
  equal(spanOf({ ...cell, seconds: 2 }).lastsMs, 2000);
  equal(spanOf({ ...cell, program: "herald" }).lastsMs, 3000);
});
