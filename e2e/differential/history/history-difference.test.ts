import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { History, Step } from "./history.ts";
import { historyDifferences } from "./history-difference.ts";
import type { ServiceState } from "./observer.ts";
import type { Played } from "./play.ts";

const step: Step = {
  verb: "create",
  what: "a step",
  item: { apiVersion: "v1", kind: "Service", metadata: { name: "s", namespace: "default" } },
};
const history: History = { id: "x", steps: [step, step] };

function played(state: Partial<ServiceState>, pools: Played["seen"]["pools"] = {}): Played {
  return { seen: { services: { "default/s": { addresses: [], pool: undefined, events: [], ...state } }, pools } };
}

function compare(metallb: readonly Played[], herald: readonly Played[]) {
  const { differences, ...rest } = historyDifferences(history, metallb, herald);
  return { ...rest, found: differences.map(({ index, subject, kind }) => `${index} ${subject} ${kind}`) };
}

const with1 = played({ addresses: ["10.0.0.1"] });

test("equal observations are no difference", () => {
  deepEqual(compare([with1, with1], [with1, with1]), { found: [], steps: 2, parted: false });
});

test("from another address on nothing is compared", () => {
  const with2 = played({ addresses: ["10.0.0.2"] });
  deepEqual(compare([with1, with1], [with2, with2]), { found: ["0 default/s addresses"], steps: 1, parted: true });
});

test("the same addresses in another order, another pool's name and other events are differences of their own", () => {
  const pair = ["10.0.0.1", "fd00::1"];
  const [a, b] = [played({ addresses: pair }), played({ addresses: [...pair].reverse(), events: ["IPAllocated"] })];
  deepEqual(compare([a, with1], [b, played({ addresses: ["10.0.0.1"], pool: "p" })]).found, [
    "0 default/s order of addresses",
    "0 default/s events",
    "1 default/s named pool",
  ]);
});

test("counters are compared while the addresses are the same", () => {
  const [a, b] = [played({}, { p: ["1", "0", "0", "0"] }), played({}, { p: ["0", "0", "1", "0"] })];
  deepEqual(compare([a, a], [b, a]).found, ["0 p counters"]);
});

test("a step that the API server refuses on one side alone ends the comparison", () => {
  deepEqual(compare([{ ...with1, refused: "422" }, with1], [with1, with1]), {
    found: ["0  refused by the API server"],
    steps: 1,
    parted: true,
  });
});

test("a difference says what Herald has told before", () => {
  const told = played({ events: ["AllocationFailed"] });
  const { differences } = historyDifferences(history, [told, told], [told, played({})]);
  deepEqual(
    differences.map(({ toldBefore }) => toldBefore),
    [["AllocationFailed"]],
  );
  equal(differences.length, 1);
});

test("whether a Service is announced is neither compared nor told: no speaker runs", () => {
  const told = played({ events: ["IPAllocated"] });
  const both = played({ events: ["IPAllocated", "NotAnnounced"] });
  deepEqual(compare([told, told], [both, told]).found, []);
  const { differences } = historyDifferences(history, [played({}), played({})], [both, both]);
  deepEqual(
    differences.map(({ herald, toldBefore }) => [herald.services["default/s"]?.events, toldBefore]),
    [
      [["IPAllocated"], []],
      [["IPAllocated"], ["IPAllocated"]],
    ],
  );
  deepEqual(compare([both, told], [told, told]).found, ["0 default/s events"]);
});
