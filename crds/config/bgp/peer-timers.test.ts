import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { readConnectTime, readTimers } from "./peer-timers.ts";

const ref = { kind: "BGPPeer", name: "p" };

function read([holdTime, keepaliveTime]: readonly [string | undefined, string | undefined]) {
  const spec = { myASN: 1, ...(holdTime !== undefined && { holdTime }), ...(keepaliveTime !== undefined && { keepaliveTime }) };
  const { timers, findings } = readTimers(ref, spec);
  return timers === undefined ? findings.map(({ field }) => field) : [timers.holdTimeSeconds, timers.keepaliveTimeMs];
}

const hold = ["spec.holdTime"];
const keepalive = ["spec.keepaliveTime"];
const cases = [
  { rule: "none: the speaker's defaults", given: [undefined, undefined], is: [] },
  { rule: "a hold time alone: a third of it", given: ["90s", undefined], is: [90, 30_000] },
  { rule: "the third is not rounded to seconds", given: ["10s", undefined], is: [10, 3_333] },
  { rule: "a keepalive time alone: three times as long", given: [undefined, "20s"], is: [60, 20_000] },
  { rule: "a keepalive time alone of less than a second", given: [undefined, "999ms"], is: keepalive },
  { rule: "both", given: ["1m30s", "1.5s"], is: [90, 1_500] },
  { rule: "as long as each other", given: ["3s", "3s"], is: [3, 3_000] },
  { rule: "a keepalive time above the hold time", given: ["3s", "3001ms"], is: keepalive },
  { rule: "zero: no expiry", given: ["0", "0s"], is: [0, 0] },
  { rule: "a hold time of zero alone", given: ["0s", undefined], is: [0, 0] },
  { rule: "a hold time of zero with a keepalive time", given: ["0s", "1s"], is: keepalive },
  { rule: "no keepalive time of its own: a third", given: ["9s", "0s"], is: [9, 3_000] },
  { rule: "1 s", given: ["1s", undefined], is: hold },
  { rule: "just below 3 s", given: ["2999ms", undefined], is: hold },
  { rule: "3 s", given: ["3s", undefined], is: [3, 1_000] },
  { rule: "a keepalive time of a millisecond", given: ["3s", "1ms"], is: [3, 1] },
  { rule: "a keepalive time of less counts as one", given: ["3s", "1us"], is: [3, 1] },
  { rule: "cut to whole seconds", given: ["3900ms", "1s"], is: [3, 1_000] },
  { rule: "less than a second counts as zero", given: ["900ms", undefined], is: [0, 0] },
  { rule: "the longest that the message has room for", given: ["65535s", undefined], is: [65_535, 21_845_000] },
  { rule: "longer than that", given: ["65536s", undefined], is: hold },
  { rule: "below zero", given: ["-5s", undefined], is: hold },
  { rule: "a keepalive time below zero", given: ["90s", "-5s"], is: keepalive },
  { rule: "one of them no duration", given: ["abc", "30s"], is: hold },
  { rule: "no durations", given: ["abc", "90"], is: [...hold, ...keepalive] },
] as const;
for (const { rule, given, is } of cases)
  test(`hold ${given[0] ?? "-"}, keepalive ${given[1] ?? "-"}: ${rule}`, () => {
    deepEqual(read(given), is);
  });

for (const [holdTime, keepaliveTime] of [
  ["3s", "999ms"],
  ["3s", "1ns"],
] as const)
  test(`a keepalive time of ${keepaliveTime} is told, and stands`, () => {
    const { timers, findings } = readTimers(ref, { myASN: 1, holdTime, keepaliveTime });
    deepEqual(
      [timers?.holdTimeSeconds, findings.map(({ code, severity, field }) => [code, severity, field])],
      [3, [["KeepaliveTooOften", "warning", "spec.keepaliveTime"]]],
    );
  });

test("of other keepalive times nothing is told", () => {
  for (const [holdTime, keepaliveTime] of [
    ["3s", "1s"],
    ["3s", "0s"],
    ["0s", "0s"],
    ["900ms", "900ms"],
    ["3s", undefined],
  ])
    deepEqual(readTimers(ref, { myASN: 1, ...(holdTime && { holdTime }), ...(keepaliveTime && { keepaliveTime }) }).findings, []);
});

const connect = [
  { text: undefined, is: undefined },
  { text: "1s", is: 1 },
  { text: "65535s", is: 65_535 },
  { text: "1m", is: 60 },
  { text: "0s", is: "ConnectTimeInvalid" },
  { text: "65536s", is: "ConnectTimeInvalid" },
  { text: "1500ms", is: "ConnectTimeInvalid" },
  { text: "-3s", is: "ConnectTimeInvalid" },
  { text: "soon", is: "ConnectTimeInvalid" },
];
for (const { text, is } of connect)
  test(`connect time ${text ?? "-"} is ${is ?? "not set"}`, () => {
    const { seconds, findings } = readConnectTime(ref, text);
    deepEqual(seconds ?? findings[0]?.code, is);
  });
