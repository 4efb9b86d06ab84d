import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { classFlagProblem, servesClass } from "./load-balancer-class.ts";

const classes = [undefined, "metallb.io/internal", "metallb.io/external", "metallb.io", "other.io/x", "plain"];
const served = (flag: string) => classes.filter((each) => servesClass(flag, each));

const flags: readonly [string, string, readonly (string | undefined)[]][] = [
  ["an empty flag serves Services without a class only", "", [undefined]],
  ["a class serves exactly that class", "metallb.io/internal", ["metallb.io/internal"]],
  ["a class without a prefix serves exactly that class", "plain", ["plain"]],
  ["a list serves each of its classes", "metallb.io/internal, plain", ["metallb.io/internal", "plain"]],
  ["a prefix with a star serves every class with that prefix", "metallb.io/*", ["metallb.io/internal", "metallb.io/external"]],
  ["an empty item at the end serves Services without a class too", "plain,", [undefined, "plain"]],
  ["an empty item at the start serves Services without a class too", ",other.io/*", [undefined, "other.io/x"]],
];
for (const [name, flag, expected] of flags) test(`--lb-class: ${name}`, () => deepEqual(served(flag), expected));

test("an empty class counts as none", () => {
  equal(servesClass("", ""), true);
  equal(servesClass("plain", ""), false);
});

test("flags that can be used have no problem", () => {
  for (const [, flag] of flags) equal(classFlagProblem(flag), undefined, flag);
});

for (const flag of ["*", "metallb.io/*x", "/x", "a b", "a,b/c/d", "metallb.io/", "-x", "UPPER/x"]) {
  test(`--lb-class ${JSON.stringify(flag)} is refused with the way out`, () => {
    match(classFlagProblem(flag) ?? "", /is no loadBalancerClass: write names such as metallb.io\/internal/);
  });
}
