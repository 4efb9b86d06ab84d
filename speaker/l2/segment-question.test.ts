import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { SegmentQuestion } from "./segment-question.ts";

const gateway = Uint8Array.of(192, 0, 2, 1);
const sample = Uint8Array.of(192, 0, 2, 7);
const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);

function ask() {
  const macs = [
    { node: "n2", mac: mac(2) },
    { node: "n3", mac: mac(3) },
  ];
  return new SegmentQuestion({ number: 1, neighbours: [gateway], samples: [sample], macs }, 1000);
}

test("once somebody has answered, others have 40 ms", () => {
  const question = ask();
  question.hear({ ip: gateway, mac: mac(1) });
  equal(question.answerAt(1039), undefined);
  deepEqual(question.answerAt(1040), { answered: true, seen: [] });
});

test("a segment on which nobody answers is given up after 150 ms", () => {
  const question = ask();
  equal(question.answerAt(1149), undefined);
  deepEqual(question.answerAt(1150), { answered: false, seen: [] });
});

test("whoever of the silent nodes answers for a sample is seen, whichever was expected", () => {
  const question = ask();
  question.hear({ ip: sample, mac: mac(3) });
  question.hear({ ip: sample, mac: mac(9) });
  deepEqual(question.answerAt(1040), { answered: false, seen: ["n3"] });
});

test("an answer of a silent node's kernel for its own address does not show that its speaker lives", () => {
  const question = ask();
  question.hear({ ip: gateway, mac: mac(2) });
  deepEqual(question.answerAt(1040), { answered: true, seen: [] });
});
