import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { AdmissionDifference } from "./admission/admission-difference.ts";
import type { Classified } from "./rule.ts";
import { type Outcome, pageOf, unexplained } from "./summary.ts";

const difference: AdmissionDifference = {
  scenario: "1/0",
  mode: "frr",
  operation: "create",
  manifest: { apiVersion: "v1", kind: "Community", metadata: { name: "c", namespace: "n" }, spec: {} },
  stored: [],
  kind: "only Herald accepts",
  refusal: "no",
  heraldsRefusal: undefined,
  phrases: [],
};

function outcome(differences: readonly Classified<AdmissionDifference>[]): Outcome {
  return {
    seed: "7",
    peer: "MetalLB",
    manifests: {
      asked: 50,
      compared: 40,
      byKind: new Map([["Community", { accepted: 20, refused: 19, different: 1 }]]),
      differences,
    },
    histories: { played: 3, again: 1, toTheEnd: 2, steps: 30, compared: 25, differences: [] },
  };
}

const rule = { id: "meant", explains: () => true, reason: "It is meant.", documented: "Somewhere" };

test("the page says how many were compared, by kind and by reason", () => {
  const page = pageOf(outcome([{ difference, rule }]), new Date(0));
  match(page, /seed 7, 1970-01-01/);
  match(page, /50 writes .* 40 were compared/s);
  match(page, /\| Community \| 20 \| 19 \| 1 \|/);
  match(page, /\| meant \| 1 \| It is meant\. \|/);
  match(page, /25 of 30 steps, 2 histories to their end/);
  match(page, /^1 histories were played once more/m);
  match(page, /Every difference has a reason that is known\./);
});

test("a difference without a reason is told on the page and counted", () => {
  const lost = outcome([
    { difference, rule },
    { difference, rule: undefined },
  ]);
  equal(unexplained(lost), 1);
  match(pageOf(lost, new Date(0)), /\*\*1 differences have no known reason\.\*\*/);
  match(pageOf(lost, new Date(0)), /\| unexplained \| 1 \| \|/);
});
