import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { handOverMs } from "./hand-over.ts";
import { HandOverQuestions } from "./hand-over-questions.ts";

test("the new owner is asked a while after the decision, again and again, until it stands for the address", () => {
  const questions = new HandOverQuestions();
  equal(questions.nextAt(), undefined);
  questions.begin(["192.0.2.1", "192.0.2.2"], "n2", 1000);
  questions.begin(["192.0.2.3"], "n3", 1100);
  equal(questions.nextAt(), 1200);
  deepEqual([...questions.tick(1199)], []);
  deepEqual(
    [...questions.tick(1200)],
    [
      ["n2", ["192.0.2.1", "192.0.2.2"]],
      ["n3", ["192.0.2.3"]],
    ],
  );
  deepEqual(questions.stood("n2", ["192.0.2.1", "192.0.2.3", "192.0.2.9"]), ["192.0.2.1"]);
  equal(questions.nextAt(), 1400);
  deepEqual(
    [...questions.tick(1400)],
    [
      ["n2", ["192.0.2.2"]],
      ["n3", ["192.0.2.3"]],
    ],
  );
});

test("who does not stand for an address is asked for as long as it is handed over, and no longer", () => {
  const questions = new HandOverQuestions();
  questions.begin(["192.0.2.1"], "n2", 0);
  equal(questions.tick(handOverMs - 1).size, 1);
  equal(questions.tick(handOverMs + askedAgain).size, 0);
  equal(questions.nextAt(), undefined);
});

test("an address that comes back, or goes to another node, is not waited for there", () => {
  const questions = new HandOverQuestions();
  questions.begin(["192.0.2.1", "192.0.2.2"], "n2", 0);
  questions.forget(["192.0.2.1"]);
  questions.begin(["192.0.2.2"], "n3", 50);
  deepEqual([...questions.tick(200)], [["n3", ["192.0.2.2"]]]);
  deepEqual(questions.stood("n2", ["192.0.2.1", "192.0.2.2"]), []);
});

test("of thousands a thousand are asked for at once", () => {
  const questions = new HandOverQuestions();
  const ips = Array.from({ length: 2500 }, (_, i) => `198.51.${i >> 8}.${i & 255}`);
  questions.begin(ips, "n2", 0);
  const asked: number[] = [];
  for (let now = 200; questions.nextAt() !== undefined; now += 200) {
    const [[owner = "", some = []] = []] = [...questions.tick(now)];
    asked.push(some.length);
    equal(questions.stood(owner, some).length, some.length);
  }
  deepEqual(asked, [1000, 1000, 500]);
});

const askedAgain = 200;
