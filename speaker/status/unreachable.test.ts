import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { shortcomingText } from "../intent/reason.ts";
import { type Unreachable, unreachableCondition } from "./unreachable.ts";

const lacking = (...services: readonly Unreachable[]) => new Map(services.map((each) => [each.key, each]));
const web = { key: "default/web", ips: ["192.0.2.1", "2001:db8::1"], shortcoming: "noNodeReachesSubnet" } as const;

test("while everything can be reached there is no condition", () => {
  equal(unreachableCondition(new Map()), undefined);
});

test("the condition names Services, addresses and what is lacking", () => {
  deepEqual(unreachableCondition(lacking(web)), {
    type: "addressesUnreachable",
    status: "True",
    reason: "SubnetNotReached",
    message: `default/web (192.0.2.1, 2001:db8::1): ${shortcomingText.noNodeReachesSubnet}`,
  });
});

test("missing interfaces have a reason of their own", () => {
  equal(unreachableCondition(lacking({ ...web, shortcoming: "noNodeHasInterface" }))?.reason, "InterfaceMissing");
});

test("of many Services ten are named and the rest is a number", () => {
  const many = Array.from({ length: 13 }, (_, i) => ({ ...web, key: `default/s${i}` }));
  const lines = unreachableCondition(lacking(...many))?.message.split("\n") ?? [];
  equal(lines.length, 11);
  equal(lines.at(-1), "and 3 more");
  const ten = unreachableCondition(lacking(...many.slice(0, 10)))?.message.split("\n") ?? [];
  equal(ten.length, 10);
});
