import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../rule.ts";
import { difference, seen, serviceOf, standing } from "./fake-difference.ts";
import type { Item } from "./history.ts";
import type { HistoryDifference } from "./history-difference.ts";
import { knownHistory } from "./known-history.ts";

type Changes = Partial<HistoryDifference>;

/** The rule that explains a difference. */
function ruleOf(changes: Changes): string | undefined {
  return classify([difference(changes)], knownHistory)[0]?.rule?.id;
}

const [v4, v6] = ["10.0.0.1", "fd00::1"];
const pair = [v4, v6];

function pool(spec: NonNullable<Item["spec"]>): Item {
  return { apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name: "p" }, spec };
}

const asksAnew = {
  before: standing({ "n/a": serviceOf("n/a") }),
  after: standing({ "n/a": serviceOf("n/a", { annotations: { "metallb.io/address-pool": "q" } }) }),
  had: seen({ "n/a": { addresses: [v4] } }),
  metallb: seen({ "n/a": { events: ["AllocationFailed"] } }),
  herald: seen({ "n/a": { addresses: [v4], events: ["AllocationFailed"] } }),
} satisfies Changes;

const toSingleStack = {
  step: { verb: "change", what: "", item: serviceOf("n/a", {}, { ipFamilyPolicy: "SingleStack" }) },
  before: standing({ "n/a": serviceOf("n/a", {}, { ipFamilyPolicy: "PreferDualStack" }) }),
  had: seen({ "n/a": { addresses: pair } }),
  metallb: seen({ "n/a": { addresses: ["10.0.0.2"], events: ["IPAllocated"] } }),
  herald: seen({ "n/a": { addresses: [v4] } }),
} satisfies Changes;

const required = {
  step: { verb: "change", what: "", item: serviceOf("n/a", {}, { ipFamilyPolicy: "RequireDualStack" }) },
  before: standing({ "n/a": serviceOf("n/a", {}, { ipFamilyPolicy: "PreferDualStack" }) }),
  had: seen({ "n/a": { addresses: [v4] } }),
  metallb: seen({ "n/a": { events: ["AllocationFailed"] } }),
  herald: seen({ "n/a": { addresses: [v4] } }),
  toldBefore: ["AdditionalAssignFailed"],
} satisfies Changes;

function scopedPool(serviceAllocation: object): Item {
  return pool({ addresses: [`${v4}-${v4}`], serviceAllocation });
}

const ofAnother = { namespaceSelectors: [{ matchLabels: { team: "c" } }] };

const ofNoNamespace = {
  after: standing({ p: scopedPool(ofAnother) }),
  metallb: seen({ "n/a": { addresses: [v4], pool: "p", events: ["IPAllocated"] } }),
  herald: seen({ "n/a": { events: ["AllocationFailed"] } }),
} satisfies Changes;

const namesOne = {
  kind: "events",
  after: standing({
    "n/a": serviceOf("n/a", { annotations: { "metallb.io/loadBalancerIPs": v4 } }, { ipFamilyPolicy: "PreferDualStack" }),
  }),
  had: seen({ "n/a": { addresses: [v4] } }),
  metallb: seen({ "n/a": { addresses: [v4], events: ["AdditionalAssignFailed"] } }),
  herald: seen({ "n/a": { addresses: [v4], events: ["AllocationFailed"] } }),
} satisfies Changes;

const poolShrinks = {
  step: { verb: "change", what: "", item: pool({}) },
  had: seen({ "n/a": { addresses: pair } }),
  metallb: seen({ "n/a": { addresses: ["10.0.0.2"], events: ["ClearAssignment", "IPAllocated"] } }),
  herald: seen({ "n/a": { addresses: [v4], events: ["ClearAssignment"] } }),
} satisfies Changes;

const waits = {
  had: seen({ "n/a": {}, "n/b": { addresses: [v4] } }),
  metallb: seen({ "n/a": { addresses: [v4], events: ["IPAllocated"] }, "n/b": {} }),
  herald: seen({ "n/a": {}, "n/b": { addresses: [v4] } }),
} satisfies Changes;

const waitsForSecond = {
  had: seen({ "n/a": { addresses: [v6] }, "n/b": { addresses: [v4] } }),
  metallb: seen({ "n/a": { addresses: [v6, v4] }, "n/b": {} }),
  herald: seen({ "n/a": { addresses: [v6] }, "n/b": { addresses: [v4] } }),
} satisfies Changes;

const moved = {
  had: seen({ "n/a": { addresses: ["10.1.0.1"] }, "n/b": { addresses: ["10.1.0.2"] } }),
  metallb: seen({ "n/a": { addresses: [v4] }, "n/b": { addresses: ["10.0.0.2"] } }),
  herald: seen({ "n/a": { addresses: ["10.0.0.2"] }, "n/b": { addresses: [v4] } }),
} satisfies Changes;

const race = {
  had: seen({ "n/a": {}, "n/b": {} }),
  metallb: seen({ "n/a": { addresses: [v4] }, "n/b": {} }),
  herald: seen({ "n/a": {}, "n/b": { addresses: [v4] } }),
} satisfies Changes;

const turned = {
  kind: "order of addresses",
  had: seen({ "n/a": { addresses: [v6] } }),
  metallb: seen({ "n/a": { addresses: pair } }),
  herald: seen({ "n/a": { addresses: [v6, v4] } }),
} satisfies Changes;

const repeats = {
  kind: "events",
  had: seen({ "n/a": {} }),
  metallb: seen({ "n/a": { events: ["AllocationFailed"] } }),
  herald: seen({ "n/a": {} }),
  toldBefore: ["AllocationFailed", "IPAllocated"],
} satisfies Changes;

const noPools = {
  kind: "events",
  after: standing(),
  metallb: seen({ "n/a": {} }),
  herald: seen({ "n/a": { events: ["AllocationFailed"] } }),
} satisfies Changes;

const miscounted = {
  kind: "counters",
  subject: "p",
  after: standing({ p: pool({ avoidBuggyIPs: true, addresses: ["10.0.0.0-10.0.0.0"] }) }),
  metallb: seen({}, { p: ["0", "0", "-1", "0"] }),
  herald: seen({}, { p: ["0", "0", "0", "0"] }),
} satisfies Changes;

/** Differences of which each rule is the reason. */
const explained: readonly (readonly [rule: string, changes: Changes])[] = [
  ["the old address stays", asksAnew],
  ["one address stays where two are required", required],
  ["selectors that match no namespace", ofNoNamespace],
  ["one address of two is named", namesOne],
  ["one address of a pair is given up", toSingleStack],
  ["the good address of a pair stays", poolShrinks],
  ["the address that stayed goes to nobody else", waits],
  ["another waiting Service first", race],
  ["another moved Service first", moved],
  ["the pair is not turned round", turned],
  ["nothing is told twice", repeats],
  ["without pools a Service is told so", noPools],
  ["minus one address", miscounted],
];

for (const [rule, changes] of explained) test(`${rule} is a reason`, () => equal(ruleOf(changes), rule));

test("an address that stayed is missing to a Service that waits for its second, too", () => {
  equal(ruleOf(waitsForSecond), "the address that stayed goes to nobody else");
});

test("every rule is tried", () => {
  deepEqual(
    explained.map(([rule]) => rule),
    knownHistory.map(({ id }) => id),
  );
});

/** Differences that are almost explained. */
const unexplained: readonly (readonly [why: string, changes: Changes])[] = [
  ["Herald keeps the old address and says nothing", { ...asksAnew, herald: seen({ "n/a": { addresses: [v4] } }) }],
  ["Herald keeps an address though nothing new is asked for", { ...asksAnew, before: asksAnew.after }],
  ["Herald keeps what MetalLB has replaced", { ...asksAnew, metallb: seen({ "n/a": { addresses: ["10.9.9.9"] } }) }],
  ["nothing is said of the second address", { ...required, toldBefore: [] }],
  ["two addresses were required before", { ...required, before: standing({ "n/a": required.step.item }) }],
  ["two are required and Herald takes the first", { ...required, herald: seen({ "n/a": {} }) }],
  [
    "the selectors match a namespace",
    { ...ofNoNamespace, after: standing({ p: scopedPool({ namespaceSelectors: [{ matchLabels: { team: "b" } }] }) }) },
  ],
  [
    "a namespace is named beside the selectors",
    { ...ofNoNamespace, after: standing({ p: scopedPool({ ...ofAnother, namespaces: ["n"] }) }) },
  ],
  ["there are no selectors", { ...ofNoNamespace, after: standing({ p: scopedPool({ priority: 1 }) }) }],
  [
    "a single-stack Service names its address",
    {
      ...namesOne,
      after: standing({
        "n/a": serviceOf("n/a", { annotations: { "metallb.io/loadBalancerIPs": v4 } }, { ipFamilyPolicy: "SingleStack" }),
      }),
    },
  ],
  ["another address is named", { ...namesOne, after: standing({ "n/a": serviceOf("n/a") }) }],
  [
    "one of two is named and Herald says something else",
    { ...namesOne, herald: seen({ "n/a": { addresses: [v4], events: ["IPAllocated"] } }) },
  ],
  [
    "one of two is named and MetalLB says something else",
    { ...namesOne, metallb: seen({ "n/a": { addresses: [v4], events: ["ClearAssignment"] } }) },
  ],
  ["both addresses stay with a single-stack Service", { ...toSingleStack, herald: seen({ "n/a": { addresses: pair } }) }],
  ["one address of two goes though the policy stays", { ...toSingleStack, before: standing() }],
  ["one address of two goes without a word", { ...poolShrinks, herald: seen({ "n/a": { addresses: [v4] } }) }],
  ["Herald alone takes an address of two", { ...poolShrinks, metallb: seen({ "n/a": { addresses: pair } }) }],
  ["an address lies idle that MetalLB gives", { ...waits, herald: seen({ "n/a": {}, "n/b": {} }) }],
  ["Herald takes what a waiting Service had", { ...waitsForSecond, herald: seen({ "n/a": {}, "n/b": { addresses: [v4] } }) }],
  [
    "the rival of a moved Service kept its address",
    { ...moved, had: seen({ "n/a": { addresses: ["10.1.0.1"] }, "n/b": { addresses: [v4] } }) },
  ],
  [
    "a moved Service gets what nobody else does",
    { ...moved, herald: seen({ "n/a": { addresses: ["10.0.0.3"] }, "n/b": { addresses: ["10.0.0.2"] } }) },
  ],
  ["MetalLB lets two share", { ...waits, metallb: seen({ "n/a": { addresses: [v4] }, "n/b": { addresses: [v4] } }) }],
  ["two new addresses stand in another order", { ...turned, had: seen({ "n/a": {} }) }],
  ["IPv4 was kept", { ...turned, had: seen({ "n/a": { addresses: [v4] } }), herald: seen({ "n/a": { addresses: pair } }) }],
  ["what MetalLB says is news", { ...repeats, toldBefore: [] }],
  ["an address is told twice", { ...repeats, metallb: seen({ "n/a": { events: ["IPAllocated"] } }) }],
  ["Herald says something of its own", { ...repeats, herald: seen({ "n/a": { events: ["ClearAssignment"] } }) }],
  ["there are pools", { ...noPools, after: miscounted.after }],
  ["an address is told without pools", { ...noPools, herald: seen({ "n/a": { events: ["IPAllocated"] } }) }],
  ["another counter differs", { ...miscounted, herald: seen({}, { p: ["0", "1", "0", "0"] }) }],
  ["no address is avoided", { ...miscounted, after: standing({ p: pool({ addresses: ["10.0.0.0-10.0.0.0"] }) }) }],
];

for (const [why, changes] of unexplained) test(`it is no reason when ${why}`, () => equal(ruleOf(changes), undefined));

test("a deprecated annotation is told again when the addresses change", () => {
  const metallb = seen({ "n/a": { addresses: [v4], events: ["deprecatedAnnotation"] } });
  const told = { ...repeats, metallb, toldBefore: ["deprecatedAnnotation"], herald: seen({ "n/a": { addresses: [v4] } }) };
  equal(ruleOf(told), undefined);
  equal(ruleOf({ ...told, had: seen({ "n/a": { addresses: [v4] } }) }), "nothing is told twice");
});
