import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { AnswerTimeline } from "./answer-timeline.ts";

/** One address, asked every 10 ms; a request's answers are separated by `+`, `-` is none. */
function timelineOf(text: string): AnswerTimeline {
  const timeline = new AnswerTimeline(["192.0.2.1"]);
  const requests = text.split(" ").map((macs) => (macs === "-" ? [] : macs.split("+")));
  for (const [index, macs] of requests.entries()) timeline.add({ at: index * 10, answers: [macs] });
  return timeline;
}

const address = "192.0.2.1";

test("two answers to one request are a double, and as long as they are the same two it is one", () => {
  deepEqual(timelineOf("a a+b a+b b a+c").doubles(), [
    { address, from: 10, to: 20, requests: 2, macs: ["a", "b"] },
    { address, from: 40, to: 40, requests: 1, macs: ["a", "c"] },
  ]);
});

test("requests without an answer are a gap from the first of them to the last, also at the end", () => {
  deepEqual(timelineOf("a - - a -").gaps(), [
    { address, from: 10, to: 20, requests: 2 },
    { address, from: 40, to: 40, requests: 1 },
  ]);
});

test("a change of the one who answers is a move, and says how long nobody else did", () => {
  deepEqual(timelineOf("a a - b b a+b b").moves(), [{ address, at: 30, from: "a", to: "b", silentMs: 20 }]);
});

test("each address has a history of its own", () => {
  const timeline = new AnswerTimeline(["192.0.2.1", "192.0.2.2"]);
  timeline.add({ at: 0, answers: [["a"], ["b"]] });
  timeline.add({ at: 10, answers: [["a"], []] });
  deepEqual(timeline.gaps(), [{ address: "192.0.2.2", from: 10, to: 10, requests: 1 }]);
  deepEqual(timeline.moves(), []);
  deepEqual(timeline.doubles(), []);
});

test("who answered lately leaves out who answered before", () => {
  const timeline = timelineOf("a a b");
  deepEqual([...timeline.since(address, 20)], ["b"]);
  equal(timeline.rounds, 3);
});
