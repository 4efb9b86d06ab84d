import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { validateObject } from "../../../crds/schema.ts";
import { valueAt, withValueAt } from "./place.ts";
import { ruleCases } from "./rule-case.ts";
import { samples } from "./sample.ts";
import { allLimits, limitsIn, limitText } from "./schema-limit.ts";
import { caseOf, trialOf } from "./trial.ts";

const limits = allLimits();

test("every limit of the manifests can be tried", () => {
  ok(limits.length > 400, `${limits.length} limits`);
  for (const limit of limits) {
    const { broken, kept } = trialOf(limit);
    ok(broken.length > 0 && kept.length > 0, limitText(limit));
  }
});

test("every kind and version has samples, and they keep its schema", () => {
  deepEqual(Object.keys(samples).sort(), [...new Set(limits.map(({ version }) => version))].sort());
  for (const [text, all] of Object.entries(samples)) {
    const [kind = "", version = ""] = text.split(" ");
    for (const sample of all) deepEqual(validateObject(kind, version, sample), [], text);
  }
});

test("every case of a CEL rule has a rule", () => {
  const used = new Set(limits.map(caseOf));
  deepEqual(
    ruleCases.filter((each) => !used.has(each)),
    [],
  );
  equal(limits.filter(({ rule }) => rule.type === "cel").length, 10);
});

test("patterns are broken by what they do not match", () => {
  for (const limit of limits) {
    if (limit.rule.type !== "pattern") continue;
    const [broken] = trialOf(limit).broken;
    equal(new RegExp(limit.rule.pattern).test(String(valueAt(broken, limit.path))), false, limitText(limit));
  }
});

test("a limit of a kind that nobody knows how to try is an error, and so is a field without a sample", () => {
  throws(() => limitsIn("Kind v1", "spec", { type: "integer", multipleOf: 2 } as never), /how multipleOf is tried/);
  throws(() => trialOf({ version: "Community v1beta1", path: "spec.later", rule: { type: "required" } }), /no sample/);
  const rule = { type: "cel", rule: "self > 0", message: "later" } as const;
  throws(() => trialOf({ version: "BGPPeer v1beta2", path: "spec.myASN", rule }), /no case in rule-case\.ts/);
});

test("places are found and changed in lists and maps, and the rest stays", () => {
  const object = { a: [{ b: { x: 1, y: 2 } }, 3], c: 4 };
  equal(valueAt(object, "a[].b.*"), 1);
  deepEqual(withValueAt(object, "a[].b.*", 9), { a: [{ b: { x: 9, y: 2 } }, 3], c: 4 });
  deepEqual(withValueAt(object, "c", undefined), { ...object, c: undefined });
  equal(valueAt(object, "a[].none.*"), undefined);
});
