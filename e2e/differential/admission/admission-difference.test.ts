import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Manifest } from "../manifest/manifest.ts";
import type { Scenario } from "../manifest/scenario.ts";
import { admissionDifferences } from "./admission-difference.ts";
import type { Answer } from "./kubectl-answers.ts";

const manifest = (name: string): Manifest => ({
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { name, namespace: "metallb-system" },
  spec: { addresses: [] },
});

const scenario: Scenario = {
  id: "x",
  mode: "frr",
  base: [manifest("stored")],
  spoiled: [],
  requests: [{ operation: "create", manifest: manifest("new"), faults: [] }],
};

const yes: Answer = { accepted: true };
const no = (text: string): Answer => ({ accepted: false, text });

function kinds(metallb: Answer, herald: Answer): readonly string[] {
  const answers = (answer: Answer) => ({ base: [yes], spoiled: [], requests: [answer] });
  return admissionDifferences(scenario, answers(metallb), answers(herald)).differences.map(({ kind }) => kind);
}

test("two acceptances are alike, and two refusals in whatever other words", () => {
  deepEqual(kinds(yes, yes), []);
  deepEqual(kinds(no("nil map"), no("write an address")), []);
});

test("an object that one side alone accepts is a difference", () => {
  deepEqual(kinds(no("bad"), yes), ["only Herald accepts"]);
  deepEqual(kinds(yes, no("bad")), ["only MetalLB accepts"]);
});

test("a refusal lacks a phrase when MetalLB's has it and Herald's has not", () => {
  const theirs = no('CIDR "a" in pool "b" overlaps with already defined CIDR "c"');
  deepEqual(kinds(theirs, no("both have 10.0.0.1")), ["a phrase is missing"]);
  deepEqual(kinds(theirs, no("first: x overlaps with already defined CIDR y; second: z")), []);
  deepEqual(kinds(no("both have 10.0.0.1"), theirs), []);
});

test("where the stored objects differ the requests are not compared", () => {
  const metallb = { base: [yes], spoiled: [], requests: [yes] };
  const herald = { base: [no("bad")], spoiled: [], requests: [no("bad")] };
  const { differences, compared } = admissionDifferences(scenario, metallb, herald);
  equal(compared, 0);
  deepEqual(
    differences.map(({ manifest: { metadata } }) => metadata.name),
    ["stored"],
  );
});
