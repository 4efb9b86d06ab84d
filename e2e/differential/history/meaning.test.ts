import { equal } from "node:assert/strict";
import { test } from "node:test";
import type { HistoryDifference } from "./history-difference.ts";
import { except, isOwnStep, isPartOf, isRace, sameSet } from "./meaning.ts";
import type { Observation } from "./observer.ts";

type Addresses = Readonly<Record<string, readonly string[]>>;

function seen(services: Addresses): Observation {
  const states = Object.entries(services).map(([key, addresses]) => [key, { addresses, pool: undefined, events: [] }] as const);
  return { services: Object.fromEntries(states), pools: {} };
}

function difference(subject: string, had: Addresses, metallb: Addresses, herald: Addresses): HistoryDifference {
  const standing = { services: new Map(), pools: new Map() };
  return {
    history: "x",
    index: 0,
    step: { verb: "change", what: "", item: { apiVersion: "v1", kind: "Service", metadata: { name: "a", namespace: "n" } } },
    before: standing,
    after: standing,
    had: seen(had),
    metallb: seen(metallb),
    herald: seen(herald),
    subject,
    kind: "addresses",
    toldBefore: [],
  };
}

const none = { "n/a": [], "n/b": [] };
const [first, second] = [{ "n/a": ["10.0.0.1"], "n/b": [] }, { "n/a": [], "n/b": ["10.0.0.1"] }]; // biome-ignore format: side by side

test("two waiting Services race when each side gives one address to another of them", () => {
  equal(isRace(difference("n/a", none, first, second)), true);
  equal(isRace(difference("n/b", none, first, second)), true);
});

test("it is no race when the Service had an address before, or nobody else got it", () => {
  const other = { "n/a": ["10.0.0.9"], "n/b": [] };
  equal(isRace(difference("n/a", other, first, second)), false);
  equal(isRace(difference("n/a", none, first, none)), false);
  equal(isRace(difference("n/a", none, { ...none, "n/a": ["10.0.0.1", "fd00::1"] }, first)), false);
});

test("a step is a Service's own when it writes that Service", () => {
  equal(isOwnStep(difference("n/a", none, none, none)), true);
  equal(isOwnStep(difference("n/b", none, none, none)), false);
});

test("addresses are compared as sets", () => {
  equal(sameSet(["a", "b"], ["b", "a"]), true);
  equal(sameSet(["a"], ["a", "b"]), false);
  equal(isPartOf(["a"], ["b", "a"]), true);
  equal(isPartOf(["c"], ["b", "a"]), false);
  equal(except(["a", "b"], ["a"]).join(), "b");
});
