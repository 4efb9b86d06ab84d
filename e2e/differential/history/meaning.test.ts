import { equal } from "node:assert/strict";
import { test } from "node:test";
import { difference as differenceOf, seen, serviceOf, standing } from "./fake-difference.ts";
import type { HistoryDifference } from "./history-difference.ts";
import { except, isPartOf, isRace, sameSet, wishesChanged } from "./meaning.ts";

type Addresses = Readonly<Record<string, readonly string[]>>;

function difference(subject: string, had: Addresses, metallb: Addresses, herald: Addresses): HistoryDifference {
  const of = (services: Addresses) =>
    seen(Object.fromEntries(Object.entries(services).map(([key, addresses]) => [key, { addresses }])));
  return differenceOf({ subject, had: of(had), metallb: of(metallb), herald: of(herald) });
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

test("a Service's wishes change when its own write changes the addresses or the pool that it asks for", () => {
  const [plain, asking] = [serviceOf("n/a"), serviceOf("n/a", { annotations: { "metallb.universe.tf/address-pool": "p" } })];
  const byField = serviceOf("n/a", {}, { loadBalancerIP: "10.0.0.1" });
  const change = (before: typeof plain, after: typeof plain, subject = "n/a") =>
    wishesChanged(differenceOf({ subject, before: standing({ "n/a": before }), after: standing({ "n/a": after }) }));
  equal(change(plain, asking), true);
  equal(change(asking, byField), true);
  equal(change(asking, asking), false);
  equal(change(asking, plain), false); // nothing is asked for
  equal(change(plain, asking, "n/b"), false);
});

test("addresses are compared as sets", () => {
  equal(sameSet(["a", "b"], ["b", "a"]), true);
  equal(sameSet(["a"], ["a", "b"]), false);
  equal(isPartOf(["a"], ["b", "a"]), true);
  equal(isPartOf(["c"], ["b", "a"]), false);
  equal(except(["a", "b"], ["a"]).join(), "b");
});
