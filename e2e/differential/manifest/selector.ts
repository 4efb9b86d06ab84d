import type { LabelSelector } from "../../../crds/types/kubernetes.ts";
import type { Dice } from "../dice.ts";
import { type Fault, listIn, withSpec } from "./manifest.ts";

/** Label keys and the values they have somewhere in the cluster. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

export const poolLabels: Vocabulary = { tier: ["gold", "silver"], "example.com/region": ["eu", "us"] };
export const nodeLabels: Vocabulary = { zone: ["a", "b"], "kubernetes.io/hostname": ["n1", "n2", "n3"] };
export const namespaceLabels: Vocabulary = { team: ["a", "b"], "kubernetes.io/metadata.name": ["team-a", "team-b", "default"] };
export const serviceLabels: Vocabulary = { app: ["web", "db"], exposure: ["public", "internal"] };

type Expression = NonNullable<LabelSelector["matchExpressions"]>[number];

/** Labels of an object that selectors of the vocabulary may or may not match. */
export function labelsOf(dice: Dice, vocabulary: Vocabulary): Readonly<Record<string, string>> {
  return Object.fromEntries(dice.some(Object.entries(vocabulary), 0, 2).map(([key, values]) => [key, dice.pick(values)]));
}

/** One to three different valid selectors. */
export function selectorsOf(dice: Dice, vocabulary: Vocabulary): readonly LabelSelector[] {
  const made = Array.from({ length: dice.int(1, 3) }, () => selectorOf(dice, vocabulary));
  return [...new Map(made.map((selector) => [JSON.stringify(selector), selector])).values()];
}

/** `field: selectors`, or nothing: for an optional field of a spec. */
export function maybeSelectors(dice: Dice, field: string, vocabulary: Vocabulary, probability = 0.3): object {
  return dice.maybe(probability, () => ({ [field]: selectorsOf(dice, vocabulary) }));
}

function selectorOf(dice: Dice, vocabulary: Vocabulary): LabelSelector {
  const keys = dice.some(Object.keys(vocabulary), 1, 2);
  const labels = keys.slice(0, dice.int(0, 1)).map((key) => [key, dice.pick(vocabulary[key] ?? [])] as const);
  const expressions = keys.slice(labels.length).map((key) => expressionOf(dice, key, vocabulary[key] ?? []));
  return {
    ...(labels.length === 0 ? {} : { matchLabels: Object.fromEntries(labels) }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  };
}

function expressionOf(dice: Dice, key: string, values: readonly string[]): Expression {
  const operator = dice.pick(["In", "NotIn", "Exists", "DoesNotExist"]);
  const takesValues = operator === "In" || operator === "NotIn";
  return { key, operator, ...(takesValues ? { values: dice.some(values, 1, 2) } : {}) };
}

/** What can be wrong, or just allowed, with a list of selectors. */
const wrongSelectors: readonly (readonly [name: string, selectors: readonly object[]])[] = [
  ["an operator that does not exist", [{ matchExpressions: [{ key: "a", operator: "Matches", values: ["b"] }] }]],
  ["In without values", [{ matchExpressions: [{ key: "a", operator: "In" }] }]],
  ["NotIn with no values", [{ matchExpressions: [{ key: "a", operator: "NotIn", values: [] }] }]],
  ["Exists with values", [{ matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] }]],
  ["a value twice", [{ matchExpressions: [{ key: "a", operator: "In", values: ["b", "c", "b"] }] }]],
  [
    "an expression twice, its values in another order",
    [
      {
        matchExpressions: [
          { key: "a", operator: "In", values: ["b", "c"] },
          { key: "a", operator: "In", values: ["c", "b"] },
        ],
      },
    ],
  ],
  ["a selector twice", [{ matchLabels: { a: "b" } }, { matchLabels: { x: "y" } }, { matchLabels: { a: "b" } }]],
  [
    "a selector twice, its expressions in another order",
    [
      {
        matchExpressions: [
          { key: "a", operator: "Exists" },
          { key: "b", operator: "Exists" },
        ],
      },
      {
        matchExpressions: [
          { key: "b", operator: "Exists" },
          { key: "a", operator: "Exists" },
        ],
      },
    ],
  ],
  ["a key that is none", [{ matchLabels: { "-a": "b" } }]],
  ["a key with two slashes", [{ matchExpressions: [{ key: "a/b/c", operator: "Exists" }] }]],
  ["a value with a blank", [{ matchLabels: { a: "b c" } }]],
  ["a value of 64 characters", [{ matchExpressions: [{ key: "a", operator: "In", values: ["v".repeat(64)] }] }]],
  ["an empty selector", [{}]],
  ["two empty selectors", [{}, {}]],
  ["an empty value", [{ matchLabels: { a: "" } }]],
];

/** Puts such selectors into a field of `spec`, alone or behind those that are there. */
export function selectorFault(field: string): Fault {
  return {
    name: `wrong ${field}`,
    apply: (manifest, dice) => {
      const [, selectors] = dice.pick(wrongSelectors);
      const before = dice.chance(0.3) ? listIn(manifest, field) : [];
      return withSpec(manifest, { [field]: [...before, ...selectors] });
    },
  };
}
