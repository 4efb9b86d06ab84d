import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../../crds/config/compile.ts";
import { emptyResources } from "../../../crds/config/resources.ts";
import { historiesOf } from "./histories.ts";
import { keyOf, mergePatchBetween, standingAfter } from "./history.ts";
import { isOpen } from "./pool-item.ts";

const histories = historiesOf("test", 200);
const steps = histories.flatMap((history) => history.steps);

test("the same seed makes the same histories, another seed others", () => {
  deepEqual(historiesOf("test", 5), historiesOf("test", 5));
  notDeepEqual(historiesOf("test", 5), historiesOf("other", 5));
});

test("a history begins with a pool and never writes what is not there, or creates what is", () => {
  for (const history of histories) {
    equal(history.steps[0]?.item.kind, "IPAddressPool");
    for (const [index, { verb, item }] of history.steps.entries()) {
      if (item.kind === "Namespace") continue;
      const { services, pools } = standingAfter(history, index);
      const known = item.kind === "Service" ? services.has(keyOf(item)) : pools.has(item.metadata.name);
      equal(known, verb !== "create", `${history.id} step ${index}`);
    }
  }
});

test("pools are valid at every step", () => {
  for (const history of histories)
    for (const index of history.steps.keys()) {
      const pools = [...standingAfter(history, index + 1).pools.values()];
      const errors = compile({ ...emptyResources, pools }).findings.filter(({ severity }) => severity === "error");
      deepEqual(errors, [], `${history.id} step ${index}`);
    }
});

test("in most histories at most one pool is open to all, since MetalLB's choice between two is open", () => {
  const open = (index: number, history: (typeof histories)[number]) =>
    [...standingAfter(history, index + 1).pools.values()].filter(isOpen).length;
  const generous = histories.filter((history) => history.steps.some((_, index) => open(index, history) > 1));
  ok(generous.length > 0 && generous.length < 30, `${generous.length}`);
});

test("every kind of step occurs", () => {
  for (const kind of ["Service", "IPAddressPool"] as const)
    for (const verb of ["create", "change", "delete"] as const)
      ok(steps.filter((step) => step.verb === verb && step.item.kind === kind).length > 20, `${verb} ${kind}`);
  ok(steps.some(({ item }) => item.kind === "Namespace"));
});

test("a merge patch says what changed and takes away what is gone", () => {
  const before = { a: 1, b: { c: 1, d: [1, 2] }, e: { f: 1 } };
  const after = { a: 1, b: { c: 2, d: [1] }, g: 3 };
  deepEqual(mergePatchBetween(before, after), { b: { c: 2, d: [1] }, g: 3, e: null });
  deepEqual(mergePatchBetween(before, before), {});
});
