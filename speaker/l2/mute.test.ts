import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { initialMute, type MuteEvent, type MuteState, maySpeak, muteAfterMs, transitionMute } from "./mute.ts";

const speaking: MuteState = { muted: false, lastAt: 1000, epoch: 3 };
const muted: MuteState = { muted: true, lastAt: 1000, epoch: 3 };
const late = 1001 + muteAfterMs;

const table: readonly {
  readonly name: string;
  readonly from: MuteState;
  readonly event: MuteEvent;
  readonly to: MuteState;
  readonly effects: readonly object[];
}[] = [
  {
    name: "speaking, awake in time",
    from: speaking,
    event: { type: "awake", now: 2500 },
    to: { ...speaking, lastAt: 2500 },
    effects: [],
  },
  {
    name: "speaking, awake too late: falls silent and asks",
    from: speaking,
    event: { type: "awake", now: late },
    to: { muted: true, lastAt: late, epoch: 4 },
    effects: [{ type: "ask-affirmation", epoch: 4 }],
  },
  { name: "speaking, affirmed: nothing to do", from: speaking, event: { type: "affirmed", epoch: 3 }, to: speaking, effects: [] },
  {
    name: "muted, awake in time: goes on waiting",
    from: muted,
    event: { type: "awake", now: 1100 },
    to: { ...muted, lastAt: 1100 },
    effects: [],
  },
  {
    name: "muted, awake too late again: asks anew, the former answer would be stale",
    from: muted,
    event: { type: "awake", now: late },
    to: { muted: true, lastAt: late, epoch: 4 },
    effects: [{ type: "ask-affirmation", epoch: 4 }],
  },
  {
    name: "muted, affirmed: speaks",
    from: muted,
    event: { type: "affirmed", epoch: 3 },
    to: { ...muted, muted: false },
    effects: [{ type: "speak" }],
  },
  {
    name: "muted, an older stand-still affirmed: stays silent",
    from: muted,
    event: { type: "affirmed", epoch: 2 },
    to: muted,
    effects: [],
  },
];
for (const { name, from, event, to, effects } of table) {
  test(`mute: ${name}`, () => deepEqual(transitionMute(from, event), { state: to, effects }));
}

test("a thread that starts may speak: it has nothing to say yet", () => {
  equal(maySpeak(initialMute(5), 5), true);
});

test("a frame that is handled before the tick finds the thread silent after a stand-still", () => {
  equal(maySpeak(speaking, 1000 + muteAfterMs), true);
  equal(maySpeak(speaking, late), false);
  equal(maySpeak(muted, 1000), false);
});
