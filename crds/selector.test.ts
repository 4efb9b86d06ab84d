import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileSelector, compileSelectors, matches, matchesAny } from "./selector.ts";

const labels = { app: "web", tier: "front", "example.com/zone": "a" };

const matching = [
  { selector: {}, is: true },
  { selector: { matchLabels: { app: "web" } }, is: true },
  { selector: { matchLabels: { app: "web", tier: "back" } }, is: false },
  { selector: { matchLabels: { "example.com/zone": "a" } }, is: true },
  { selector: { matchLabels: { absent: "" } }, is: false },
  { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["x", "web"] }] }, is: true },
  { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["x"] }] }, is: false },
  { selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, is: false },
  { selector: { matchExpressions: [{ key: "absent", operator: "NotIn", values: ["web"] }] }, is: true },
  { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] }, is: true },
  { selector: { matchExpressions: [{ key: "absent", operator: "Exists", values: [] }] }, is: false },
  { selector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }, is: false },
  { selector: { matchExpressions: [{ key: "absent", operator: "DoesNotExist" }] }, is: true },
  { selector: { matchExpressions: [{ key: "constructor", operator: "Exists" }] }, is: false },
  { selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "In", values: ["back"] }] }, is: false },
];
for (const { selector, is } of matching)
  test(`${JSON.stringify(selector)} ${is ? "matches" : "does not match"}`, () => {
    const compiled = compileSelector(selector);
    ok(compiled.ok);
    equal(matches(compiled.selector, labels), is);
  });

const refused = [
  { selector: null, reason: /no label selector/ },
  { selector: [], reason: /no label selector/ },
  { selector: { matchLabels: [] }, reason: /map of text/ },
  { selector: { matchLabels: { app: 3 } }, reason: /label value/ },
  { selector: { matchLabels: { "a b": "c" } }, reason: /"a b" is no label key/ },
  { selector: { matchLabels: { "-a": "c" } }, reason: /label key/ },
  { selector: { matchLabels: { "a/b/c": "c" } }, reason: /label key/ },
  { selector: { matchLabels: { "UPPER.com/a": "c" } }, reason: /label key/ },
  { selector: { matchLabels: { [`${"a".repeat(254)}/b`]: "c" } }, reason: /label key/ },
  { selector: { matchLabels: { a: "c".repeat(64) } }, reason: /label value/ },
  { selector: { matchLabels: { a: "c-" } }, reason: /label value/ },
  { selector: { matchExpressions: {} }, reason: /must be a list/ },
  { selector: { matchExpressions: [null] }, reason: /key and an operator/ },
  { selector: { matchExpressions: [{ key: "a", operator: "In" }] }, reason: /In needs at least one value/ },
  { selector: { matchExpressions: [{ key: "a", operator: "NotIn", values: [] }] }, reason: /at least one value/ },
  { selector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] }, reason: /Exists needs no values/ },
  { selector: { matchExpressions: [{ key: "a", operator: "in", values: ["x"] }] }, reason: /operator must be/ },
  { selector: { matchExpressions: [{ key: "a", operator: "toString", values: ["x"] }] }, reason: /operator must be/ },
  { selector: { matchExpressions: [{ key: "a", operator: "In", values: "x" }] }, reason: /list of texts/ },
];
for (const { selector, reason } of refused)
  test(`${JSON.stringify(selector).slice(0, 80)} is refused`, () => {
    const compiled = compileSelector(selector);
    ok(!compiled.ok);
    match(compiled.reason, reason);
  });

test("a list is an alternative; an empty one matches nothing by itself", () => {
  const { selectors, problems } = compileSelectors([{ matchLabels: { app: "x" } }, { matchLabels: { tier: "front" } }]);
  deepEqual(problems, []);
  equal(matchesAny(selectors, labels), true);
  equal(matchesAny(selectors, {}), false);
  equal(matchesAny([], labels), false);
});

const app = { key: "app", operator: "In", values: ["a", "b"] };
const tier = { key: "tier", operator: "Exists" };
const duplicates = [
  {
    name: "a value twice",
    list: [{ matchExpressions: [{ ...app, values: ["a", "a"] }] }],
    paths: ["[0].matchExpressions[0].values[1]"],
  },
  { name: "an expression twice", list: [{ matchExpressions: [app, app] }], paths: ["[0].matchExpressions[1]"] },
  {
    name: "values in another order",
    list: [{ matchExpressions: [app, { ...app, values: ["b", "a"] }] }],
    paths: ["[0].matchExpressions[1]"],
  },
  { name: "a selector twice", list: [{ matchLabels: { a: "b" } }, {}, { matchLabels: { a: "b" } }], paths: ["[2]"] },
  {
    name: "labels in another order",
    list: [{ matchLabels: { a: "b", c: "d" } }, { matchLabels: { c: "d", a: "b" } }],
    paths: ["[1]"],
  },
  {
    name: "expressions in another order",
    list: [{ matchExpressions: [app, tier] }, { matchExpressions: [tier, app] }],
    paths: [],
  },
  {
    name: "one meaning in two spellings",
    list: [{ matchLabels: { a: "b" } }, { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }],
    paths: [],
  },
];
for (const { name, list, paths } of duplicates)
  test(`${name}: ${paths.length > 0 ? "a duplicate" : "no duplicate"}`, () => {
    const { problems } = compileSelectors(list);
    deepEqual(
      problems.map(({ path }) => path),
      paths,
    );
    ok(problems.every(({ code }) => code === "SelectorDuplicate"));
  });

test("every problem of a list is told, with its place", () => {
  const { selectors, problems } = compileSelectors([{ matchLabels: { "": "x" } }, { matchLabels: { a: "b" } }, "no"]);
  deepEqual(
    problems.map(({ path }) => path),
    ["[0].matchLabels[]", "[2]"],
  );
  deepEqual(
    selectors.map(({ text }) => text),
    ["a=b"],
  );
});

test("the text of a selector tells its meaning, whatever the order", () => {
  const texts = [
    { matchLabels: { z: "1", a: "2" }, matchExpressions: [{ key: "k", operator: "NotIn", values: ["y", "x"] }] },
    {
      matchExpressions: [
        { key: "k", operator: "NotIn", values: ["x", "y"] },
        { key: "a", operator: "In", values: ["2"] },
      ],
      matchLabels: { z: "1" },
    },
  ].map((raw) => compileSelectors([raw]).selectors[0]?.text);
  deepEqual(texts, ["a=2,k notin (x,y),z=1", "a=2,k notin (x,y),z=1"]);
});

test("anything at all can be compiled without a throw", () => {
  const raw = fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: true }),
    fc.record({ matchLabels: fc.anything({ withBigInt: true }), matchExpressions: fc.anything({ withNullPrototype: true }) }),
    fc.record({
      matchExpressions: fc.array(
        fc.record({
          key: fc.anything(),
          operator: fc.constantFrom("In", "Exists"),
          values: fc.anything({ withNullPrototype: true, withBigInt: true }),
        }),
      ),
    }),
  );
  fc.assert(
    fc.property(raw, fc.array(raw), (one, many) => {
      compileSelector(one);
      return compileSelectors(many).selectors.length <= many.length;
    }),
    { numRuns: 500 },
  );
});
