import { deepEqual, equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { compileSelectors } from "../selector.ts";
import { NodeSets } from "./node-sets.ts";

const selectors = (...labels: readonly Record<string, string>[]) =>
  compileSelectors(labels.map((matchLabels) => ({ matchLabels }))).selectors;
const sets = new NodeSets([
  { name: "b", labels: { rack: "1" } },
  { name: "a", labels: { rack: "1", disk: "ssd" } },
  { name: "c", labels: {} },
]);
const names = (...labels: readonly Record<string, string>[]) => [...sets.matching(selectors(...labels)).names];

test("no selector selects every node, several those that one of them matches", () => {
  deepEqual(names(), ["a", "b", "c"]);
  deepEqual(names({ rack: "1" }), ["a", "b"]);
  deepEqual(names({ disk: "ssd" }, { rack: "9" }), ["a"]);
  deepEqual(names({ rack: "9" }), []);
});

test("equal selectors share one set, in whatever order they are written", () => {
  const set = sets.matching(selectors({ rack: "1" }, { disk: "ssd" }));
  equal(sets.matching(selectors({ disk: "ssd" }, { rack: "1" })), set);
  notEqual(sets.matching(selectors({ rack: "1" })), set);
});

test("sets have equal keys when they have the same nodes, whatever selected them", () => {
  const key = (...labels: readonly Record<string, string>[]) => sets.matching(selectors(...labels)).key;
  equal(key({ rack: "1" }, { disk: "ssd" }), key({ rack: "1" }));
  notEqual(key({ disk: "ssd" }), key({ rack: "1" }));
});

test("the nodes of two sets are shared when they are in both, and not known while no node is", () => {
  deepEqual(sets.shared(new Set(["a", "b"]), new Set(["b", "c"])), new Set(["b"]));
  deepEqual(sets.shared(new Set(["a"]), new Set(["b"])), new Set());
  equal(new NodeSets([]).shared(new Set(["a"]), new Set(["a"])), undefined);
});
